// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/timeline-file.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace crsp {
namespace {

std::string_view NameOf(TimelineRow::Kind kind) {
    switch (kind) {
        case TimelineRow::Kind::kBegin:
            return "begin";
        case TimelineRow::Kind::kEnd:
            return "end";
        case TimelineRow::Kind::kRender:
            break;
    }
    return "render";
}

}  // namespace

std::string TimelineCsv(const TimelineSink& timeline) {
    std::string text = "time_ns,event,generation,position\n";
    for (const auto& row : timeline.Rows()) {
        fmt::format_to(std::back_inserter(text), "{},{},{},{}\n", row.at.time_since_epoch().count(),
                       NameOf(row.kind), row.generation, row.position);
    }
    return text;
}

}  // namespace crsp
