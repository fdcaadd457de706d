// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crsp {

/// Why a connection ended (CRSP §8.1). 0x00 to 0x10 have the meaning and number of RFC 9000 §20.1;
/// 0x100 and up are detected locally and never sent, except that logs and users see them.
enum class TransportErrorCode : std::uint64_t {
    kNoError = 0x00,
    kInternalError = 0x01,
    kConnectionRefused = 0x02,
    kFlowControlError = 0x03,
    kStreamLimitError = 0x04,
    kStreamStateError = 0x05,
    kFinalSizeError = 0x06,
    kFrameEncodingError = 0x07,
    kTransportParameterError = 0x08,
    kProtocolViolation = 0x0a,
    kApplicationError = 0x0c,
    kAeadLimitReached = 0x0f,
    kCongested = 0x20,  ///< ours: the circuit breaker (CRSP §6.8)
    kHandshakeTimeout = 0x100,
    kIdleTimeout = 0x101,
    kVersionMismatch = 0x102,
    kStatelessReset = 0x103,
};

/// The name of RFC 9000 or CRSP §8.1, as in `FLOW_CONTROL_ERROR`; `UNKNOWN` for other numbers.
std::string_view ToString(TransportErrorCode code);

/// A violation by the peer: the connection is closed with `code`, and `reason` is sent along.
struct TransportError {
    TransportErrorCode code = TransportErrorCode::kNoError;
    std::string reason;

    bool operator==(const TransportError&) const = default;
};

/// A call that the API contract does not allow; nothing has changed when it is returned.
enum class UsageError : std::uint8_t {
    kUnknownConnection,
    kConnectionClosed,
    kUnknownStream,
    kStreamLimit,  ///< the peer has not granted another stream, or too many are not finished
    kNotSendable,  ///< finished, reset, or the peer's unidirectional stream
    kNotReadable,  ///< our own unidirectional stream, or stopped
    kTooManyConnections,
    kRefused,     ///< the peer does not take what was to be sent
    kTooLong,     ///< more than the peer takes, or than goes into one packet
    kBadMode,     ///< only unidirectional streams have deadlines, and only those repair symbols
    kBadUrgency,  ///< above 7
    kBlocked,     ///< a queue is full: try again later
    kNoPeerKey,   ///< an endpoint with an identity must know whom it connects to
};

std::string_view ToString(UsageError error);

}  // namespace crsp
