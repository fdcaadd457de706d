// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/transport-parameters.h"

#include <array>
#include <optional>

#include "model/wire/frames.h"

namespace crsp {
namespace {

/// Identifiers on the wire; 0 ends the list.
enum Identifier : std::uint64_t {
    kEnd = 0,
    kMaxIdleTimeout = 1,
    kMaxDatagramSize = 3,
    kInitialMaxData = 4,
    kInitialMaxStreamData = 5,
    kInitialMaxStreams = 8,
    kMaxAckDelay = 11,
    kMaxDatagramFrameSize = 32,
    kMaxRepairSymbolSize = 33,
};

constexpr std::uint64_t kIdentifierLimit = 34;
constexpr std::size_t kRequiredIdentifiers = 6;
constexpr std::uint64_t kMinAcceptedDatagram = 1200;
constexpr std::uint64_t kMaxAckDelayLimit = 1 << 14;        // RFC 9000 §18.2
constexpr std::uint64_t kMaxStreamsLimit = 1ULL << 60;      // RFC 9000 §4.6
constexpr std::uint64_t kMaxIdleMilliseconds = 1ULL << 40;  // 34 years: beyond is a mistake

using Values = std::array<std::optional<std::uint64_t>, kIdentifierLimit>;

Unexpected<TransportError> Invalid(const char* reason) {
    return Fail(TransportError{TransportErrorCode::kTransportParameterError, reason});
}

std::uint64_t Milliseconds(Duration duration) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(duration).count());
}

bool IsKnown(std::uint64_t identifier) {
    switch (identifier) {
        case kMaxIdleTimeout:
        case kMaxDatagramSize:
        case kInitialMaxData:
        case kInitialMaxStreamData:
        case kInitialMaxStreams:
        case kMaxAckDelay:
        case kMaxDatagramFrameSize:
        case kMaxRepairSymbolSize:
            return true;
        default:
            return false;
    }
}

Expected<Values, TransportError> ReadValues(ConstByteSpan bytes) {
    Values values;
    ByteReader in(bytes);
    std::size_t required = 0;
    while (true) {
        const auto identifier = in.Varint();
        if (!identifier) return Invalid("transport parameters cut short");
        if (*identifier == kEnd) break;
        const auto value = in.Varint();
        if (!value) return Invalid("transport parameters cut short");
        if (!IsKnown(*identifier)) continue;
        if (values[*identifier]) return Invalid("duplicate transport parameter");
        values[*identifier] = *value;
        if (*identifier < kMaxDatagramFrameSize) ++required;
    }
    if (required != kRequiredIdentifiers) return Invalid("transport parameter missing");
    return values;
}

}  // namespace

void EncodeTransportParameters(ByteWriter& out, const TransportParameters& parameters) {
    const auto put = [&](std::uint64_t identifier, std::uint64_t value) {
        out.Varint(identifier);
        out.Varint(value);
    };
    put(kMaxIdleTimeout, Milliseconds(parameters.maxIdleTimeout));
    put(kMaxDatagramSize, parameters.maxDatagramSize);
    put(kInitialMaxData, parameters.initialMaxData);
    put(kInitialMaxStreamData, parameters.initialMaxStreamData);
    put(kInitialMaxStreams, parameters.initialMaxStreams);
    put(kMaxAckDelay, Milliseconds(parameters.maxAckDelay));
    put(kMaxDatagramFrameSize, parameters.maxDatagramFrameSize);
    if (parameters.maxRepairSymbol > 0) put(kMaxRepairSymbolSize, parameters.maxRepairSymbol);
    out.Varint(kEnd);
}

Expected<TransportParameters, TransportError> DecodeTransportParameters(ConstByteSpan bytes) {
    const auto values = ReadValues(bytes);
    if (!values) return Fail(values.error());
    const auto& v = *values;
    if (*v[kMaxDatagramSize] < kMinAcceptedDatagram) return Invalid("datagram size below 1200");
    if (*v[kMaxAckDelay] >= kMaxAckDelayLimit) return Invalid("ack delay of 2^14 ms or more");
    if (*v[kInitialMaxStreams] > kMaxStreamsLimit) return Invalid("stream limit beyond 2^60");
    if (*v[kMaxIdleTimeout] > kMaxIdleMilliseconds) return Invalid("idle timeout beyond 2^40 ms");
    if (v[kMaxRepairSymbolSize].value_or(0) > kMaxRepairSymbol) {
        return Invalid("repair symbol of more than 1200 bytes");
    }
    return TransportParameters{.initialMaxData = *v[kInitialMaxData],
                               .initialMaxStreamData = *v[kInitialMaxStreamData],
                               .initialMaxStreams = *v[kInitialMaxStreams],
                               .maxIdleTimeout = milliseconds(*v[kMaxIdleTimeout]),
                               .maxAckDelay = milliseconds(*v[kMaxAckDelay]),
                               .maxDatagramSize = *v[kMaxDatagramSize],
                               .maxDatagramFrameSize = v[kMaxDatagramFrameSize].value_or(0),
                               .maxRepairSymbol = v[kMaxRepairSymbolSize].value_or(0)};
}

}  // namespace crsp
