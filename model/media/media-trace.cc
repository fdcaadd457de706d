// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/media-trace.h"

#include "model/trace/tracer.h"

namespace crsp {
namespace {

template <class M>
std::uint64_t GenerationOf(const M& message) {
    if constexpr (requires { message.generation; }) {
        return message.generation;
    } else {
        return 0;
    }
}

template <class M>
std::uint64_t PositionOf(const M& message) {
    if constexpr (requires { message.position; }) {
        return message.position;
    } else if constexpr (requires { message.offset; }) {
        return message.offset;
    } else if constexpr (requires { message.rendered; }) {
        return message.rendered;
    } else {
        return 0;
    }
}

}  // namespace

void TraceMessage(Tracer* tracer, TimePoint now, std::string_view direction,
                  const Message& message) {
    if (!tracer) return;
    std::visit(
        [&](const auto& m) {
            tracer->OnEvent(
                now, 0,
                trace::MediaEvent{NameOf(message), GenerationOf(m), PositionOf(m), direction});
        },
        message);
}

void TraceState(Tracer* tracer, TimePoint now, TransportState state, Generation generation,
                std::uint64_t position) {
    if (!tracer) return;
    tracer->OnEvent(now, 0, trace::MediaEvent{"state", generation, position, ToString(state)});
}

}  // namespace crsp
