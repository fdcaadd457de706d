// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/base/bytes.h"
#include "model/connection/key-log.h"

namespace crsp {

/// First byte of a Data packet that was decrypted, in an even and in an odd key phase: a form for
/// captures, which no node sends or takes (apps/wireshark/README.md).
inline constexpr std::byte kDecryptedData{0x60};
inline constexpr std::byte kDecryptedDataOddPhase{0x61};

/// Opens captured Data packets with the secrets of a key log.
class CaptureDecryptor {
  public:
    /// Takes the lines of a key log; what is no such line is skipped. Returns how many were.
    std::size_t AddKeys(std::string_view log);

    enum class Result : std::uint8_t {
        kNoData,  ///< another packet, or none of ours: it stays as it is
        kNoKey,   ///< of a connection that the log does not tell of
        kSealed,  ///< cut off, altered on its way, or forged
        kOpened,
    };
    /// If it opens, turns the packet into a decrypted one of the same length: its type, the frames
    /// in clear, and in place of the tag the connection (64), who sent it (8: 1 the initiator, 2
    /// the responder) and zeros (56).
    Result Decrypt(ByteSpan datagram);

  private:
    /// The keys of one direction, as many phases as were needed.
    struct Direction {
        TrafficSecret secret;  ///< `key` is of the newest phase in `phases`
        std::vector<std::unique_ptr<Aead>> phases;
        std::size_t newest = 0;  ///< that opened a packet

        const Aead& Phase(std::size_t phase);
    };

    static bool Open(Direction& direction, std::uint64_t number, bool oddPhase, ByteSpan datagram);

    std::unordered_map<ConnectionId, Direction> m_directions;
};

}  // namespace crsp
