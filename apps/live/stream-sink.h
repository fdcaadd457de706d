// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "apps/live/safe-text.h"
#include "model/media/sink.h"

namespace crsp {

/// Renders to a pipe, a terminal or whatever else standard output is. Never waits for a slow
/// reader: takes as much as goes out, and leaves the rest to back-pressure.
class StreamSink final : public Sink {
  public:
    enum class Mode : std::uint8_t {
        kSafeText,  ///< through SafeText, so that content cannot command the terminal
        kRaw,
    };

    /// `fd` stays open and belongs to the caller.
    StreamSink(int fd, Mode mode) : m_fd(fd), m_mode(mode) {}

    Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                         const ContentInfo& info) override;
    Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                 std::uint64_t offset,
                                                 ConstByteSpan bytes) override;
    Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                       bool complete) override;

    /// One sentence about what went wrong in this generation; empty if nothing did.
    const std::string& Failure() const { return m_failure; }

  private:
    Expected<std::size_t, MediaErrorCode> RenderText(ConstByteSpan bytes);
    /// Writes as much as goes out at once; nothing if the reader has gone.
    Expected<std::size_t, MediaErrorCode> WriteSome(ConstByteSpan bytes);
    Expected<void, MediaErrorCode> FlushText();
    Expected<void, MediaErrorCode> FlushLast();
    /// For the error number `error`.
    MediaErrorCode Fault(int error);

    int m_fd;
    Mode m_mode;
    SafeText m_safe;
    std::string m_text;  ///< escaped, not yet out
    std::string m_failure;
};

}  // namespace crsp
