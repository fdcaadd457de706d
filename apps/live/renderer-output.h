// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "apps/live/exit-code.h"
#include "apps/live/file-sink.h"
#include "apps/live/hash-sink.h"
#include "apps/live/stream-sink.h"
#include "model/base/result.h"
#include "model/media/timeline-sink.h"

namespace crsp {

/// Where a renderer puts what it renders: the sinks of one program, in a chain.
class RendererOutput {
  public:
    struct Options {
        std::string output;  ///< a file, `-` for standard output, empty for nowhere
        bool raw = false;    ///< bytes as they are on standard output, which must be no terminal
        bool timeline = false;
        std::optional<std::uint64_t> maxBytes{};  ///< for a file: longer contents are refused
    };

    /// kUsage if `options` do not go together, kFailed if the file cannot be rendered into.
    static Expected<std::unique_ptr<RendererOutput>, NodeError> Create(const Options& options,
                                                                       HashSink::Report report);

    Sink& First() { return m_timeline ? static_cast<Sink&>(*m_timeline) : *m_hash; }
    const std::optional<Rendering>& Last() const { return m_hash->Last(); }
    const TimelineSink* Timeline() const { return m_timeline ? &*m_timeline : nullptr; }
    /// One sentence about the output's trouble with the last generation; empty if none.
    std::string Failure() const { return m_failure ? *m_failure : std::string(); }

  private:
    RendererOutput() = default;

    std::unique_ptr<Sink> m_last;
    const std::string* m_failure = nullptr;  ///< of m_last
    std::optional<HashSink> m_hash;
    std::optional<TimelineSink> m_timeline;
};

}  // namespace crsp
