// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/log-tracer.h"

#include <fmt/format.h>

#include <type_traits>
#include <variant>

#include "apps/live/asio-address.h"
#include "apps/live/log.h"
#include "model/media/catalogue.h"

namespace crsp {
namespace {

struct Teller {
    std::uint64_t group;

    void operator()(const trace::ConnectionStarted& event) const {
        LogDetail(fmt::format("connection {:016x} {} {}", group, event.initiator ? "to" : "from",
                              Display(event.remote)));
    }
    void operator()(const trace::ConnectionClosed& event) const {
        LogDetail(fmt::format("connection {:016x} closed{}: {} {} {}", group,
                              event.byPeer ? " by the peer" : "", event.error,
                              event.applicationCode, PrintableName(event.reason)));
    }
    void operator()(const trace::PathChanged& event) const {
        LogDetail(fmt::format("connection {:016x} is now with {}", group, Display(event.remote)));
    }
    void operator()(const trace::MediaEvent& event) const {
        LogDetail(fmt::format("{} generation={} position={} {}", event.name, event.generation,
                              event.position, PrintableName(event.detail)));
    }
    template <class Other>
    void operator()(const Other&) const {}
};

}  // namespace

void LogTracer::OnEvent(TimePoint, std::uint64_t group, const TraceEvent& event) {
    std::visit(Teller{group}, event);
}

}  // namespace crsp
