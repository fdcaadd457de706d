// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/error-codes.h"

namespace crsp {

std::string_view ToString(TransportErrorCode code) {
    switch (code) {
        case TransportErrorCode::kNoError:
            return "NO_ERROR";
        case TransportErrorCode::kInternalError:
            return "INTERNAL_ERROR";
        case TransportErrorCode::kConnectionRefused:
            return "CONNECTION_REFUSED";
        case TransportErrorCode::kFlowControlError:
            return "FLOW_CONTROL_ERROR";
        case TransportErrorCode::kStreamLimitError:
            return "STREAM_LIMIT_ERROR";
        case TransportErrorCode::kStreamStateError:
            return "STREAM_STATE_ERROR";
        case TransportErrorCode::kFinalSizeError:
            return "FINAL_SIZE_ERROR";
        case TransportErrorCode::kFrameEncodingError:
            return "FRAME_ENCODING_ERROR";
        case TransportErrorCode::kTransportParameterError:
            return "TRANSPORT_PARAMETER_ERROR";
        case TransportErrorCode::kProtocolViolation:
            return "PROTOCOL_VIOLATION";
        case TransportErrorCode::kApplicationError:
            return "APPLICATION_ERROR";
        case TransportErrorCode::kAeadLimitReached:
            return "AEAD_LIMIT_REACHED";
        case TransportErrorCode::kCongested:
            return "CONGESTED";
        case TransportErrorCode::kHandshakeTimeout:
            return "HANDSHAKE_TIMEOUT";
        case TransportErrorCode::kIdleTimeout:
            return "IDLE_TIMEOUT";
        case TransportErrorCode::kVersionMismatch:
            return "VERSION_MISMATCH";
        case TransportErrorCode::kStatelessReset:
            return "STATELESS_RESET";
    }
    return "UNKNOWN";
}

std::string_view ToString(UsageError error) {
    switch (error) {
        case UsageError::kUnknownConnection:
            return "unknown connection";
        case UsageError::kConnectionClosed:
            return "connection closed";
        case UsageError::kUnknownStream:
            return "unknown stream";
        case UsageError::kStreamLimit:
            return "stream limit reached";
        case UsageError::kNotSendable:
            return "stream cannot be written";
        case UsageError::kNotReadable:
            return "stream cannot be read";
        case UsageError::kTooManyConnections:
            return "too many connections";
        case UsageError::kRefused:
            return "refused by the peer";
        case UsageError::kTooLong:
            return "too long to be sent";
        case UsageError::kBadMode:
            return "only unidirectional streams have deadlines";
        case UsageError::kBadUrgency:
            return "urgency above 7";
        case UsageError::kBlocked:
            return "queue full";
        case UsageError::kNoPeerKey:
            return "the key of the peer must be given";
    }
    return "unknown usage error";
}

}  // namespace crsp
