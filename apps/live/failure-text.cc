// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/failure-text.h"

#include <fmt/format.h>

#include "model/media/catalogue.h"
#include "model/media/media-error.h"

namespace crsp {

std::string FailureText(const RenderingFailure& failure, const std::string& output) {
    const bool ofOutput = failure.code == MediaErrorCode::kSinkFailed && !output.empty();
    const std::string more = ofOutput ? output : PrintableName(failure.text);
    const auto code = ToString(failure.code);
    return fmt::format("rendering {} (entry #{} of '{}') {} at byte {}: {}{}", failure.generation,
                       failure.entry, PrintableName(failure.server),
                       failure.reason == EndReason::kFailed ? "failed" : "was ended",
                       failure.position, code,
                       more.empty() || more == code ? "" : fmt::format(": {}", more));
}

}  // namespace crsp
