// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/base/time.h"
#include "model/wire/error-codes.h"

namespace crsp {

/// What each side grants the other before the first frame, carried in the Noise payloads
/// (CRSP §4.3). Sizes in bytes.
struct TransportParameters {
    std::uint64_t initialMaxData = 0;
    std::uint64_t initialMaxStreamData = 0;
    std::uint64_t initialMaxStreams = 0;  ///< of each direction
    Duration maxIdleTimeout{};            ///< carried in milliseconds; 0 means none
    Duration maxAckDelay{};               ///< carried in milliseconds, below 2^14
    std::uint64_t maxDatagramSize = 0;    ///< largest datagram accepted; at least 1,200
    /// Longest DATAGRAM frame accepted, type and length included; 0 refuses them (RFC 9221 §3).
    std::uint64_t maxDatagramFrameSize = 0;
    /// Longest repair symbol accepted, at most kMaxRepairSymbol; 0 refuses them (CRSP §5.9).
    std::uint64_t maxRepairSymbol = 0;
};

/// Longest encoding: eight pairs of identifier and value, and the terminating zero.
inline constexpr std::size_t kMaxTransportParametersLength = 8 * (1 + 8) + 1;

/// Writes identifier/value varint pairs, ended by identifier 0.
void EncodeTransportParameters(ByteWriter& out, const TransportParameters& parameters);

/// Reads up to the terminating identifier 0; what follows is padding and is not looked at. Unknown
/// identifiers are skipped; a duplicate, a missing one or a value out of bounds fails with
/// TRANSPORT_PARAMETER_ERROR.
Expected<TransportParameters, TransportError> DecodeTransportParameters(ConstByteSpan bytes);

}  // namespace crsp
