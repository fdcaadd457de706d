// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/renderer-output.h"

#include <unistd.h>

#include <utility>

namespace crsp {

Expected<std::unique_ptr<RendererOutput>, NodeError> RendererOutput::Create(
    const Options& options, HashSink::Report report) {
    std::unique_ptr<RendererOutput> result(new RendererOutput);
    if (options.raw && options.output != "-") {
        return Fail(NodeError{ExitCode::kUsage, "--raw is for --output - only"});
    }
    if (options.raw && ::isatty(STDOUT_FILENO) != 0) {
        return Fail(NodeError{ExitCode::kUsage,
                              "--raw would let foreign content command the terminal; send standard "
                              "output to a pipe or a file"});
    }
    if (options.maxBytes && (options.output.empty() || options.output == "-")) {
        return Fail(NodeError{ExitCode::kUsage, "--max-bytes is for --output FILE only"});
    }
    if (options.output == "-") {
        const auto mode = options.raw ? StreamSink::Mode::kRaw : StreamSink::Mode::kSafeText;
        auto stream = std::make_unique<StreamSink>(STDOUT_FILENO, mode);
        result->m_failure = &stream->Failure();
        result->m_last = std::move(stream);
    } else if (!options.output.empty()) {
        if (const auto usable = FileSink::CheckTarget(options.output); !usable) {
            return Fail(NodeError{ExitCode::kFailed, usable.error()});
        }
        if (const auto free = FileSink::CheckFree(options.output); !free) {
            return Fail(NodeError{ExitCode::kFailed, free.error()});
        }
        auto file = std::make_unique<FileSink>(options.output,
                                               options.maxBytes.value_or(FileSink::kNoLimit));
        result->m_failure = &file->Failure();
        result->m_last = std::move(file);
    } else {
        result->m_last = std::make_unique<NullSink>();
    }
    result->m_hash.emplace(*result->m_last, std::move(report));
    if (options.timeline) result->m_timeline.emplace(*result->m_hash);
    return result;
}

}  // namespace crsp
