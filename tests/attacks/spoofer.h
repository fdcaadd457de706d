// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "tests/attacks/party.h"

namespace crsp::attacks {

/// Makes datagrams as an attacker would who may write any source address and has everything that
/// is not secret: Initials of every size and mutation, replays, and junk of every type.
class Spoofer {
  public:
    /// `valid`: whether among them are Initials of somebody whom the server lets in.
    Spoofer(HandshakeMode mode, bool valid, std::uint64_t seed);
    /// The next one; holds until the next call.
    ByteSpan Next();

  private:
    void Valid();
    void Replay();
    void Fresh(std::size_t length);
    void OtherId();
    void OtherVersion();
    void OtherMode();
    void WrongMac();
    void BitFlips();
    void OtherSize();
    void Coalesced();
    void ForgedCookie();
    void UnknownData();
    void OtherType();
    void Noise();
    void Seal();
    std::size_t AnyLength() { return m_random.Below(kLongest + 1); }

    static constexpr std::size_t kLongest = 1472;
    static constexpr std::size_t kPool = 256;
    /// One in so many valid Initials has never been seen; the others come again.
    static constexpr std::uint64_t kFreshOneIn = 8;

    HandshakeMode m_mode;
    Random m_random;
    Caller m_caller;
    SecretKey m_mac1Key;
    std::vector<Bytes> m_pool;
    std::vector<Bytes> m_seen;
    Bytes m_datagram;
};

}  // namespace crsp::attacks
