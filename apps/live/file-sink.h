// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "apps/cli/file-descriptor.h"
#include "model/media/sink.h"

namespace crsp {

/// Renders into a file. What is under way stands in `PATH.part`, begun anew by each generation; a
/// generation that completes takes the place of PATH in one step once it is on the disk, so PATH is
/// always whole. `PATH.part` is locked while it is written: a second program that renders into PATH
/// meanwhile fails, and touches nothing; so does one that finds a `PATH.part` of another user, who
/// could go on writing into it. If anything fails, PATH stays as it was and `PATH.part` is
/// removed. Of a rendering that does not begin at offset 0 the file holds what was rendered, from
/// its first byte. A rendering of more than `maxBytes` fails, at once if that was announced.
class FileSink final : public Sink {
  public:
    static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

    explicit FileSink(std::string path, std::uint64_t maxBytes = kNoLimit)
        : m_path(std::move(path)), m_partPath(m_path + ".part"), m_maxBytes(maxBytes) {}

    /// Whether `path` can be rendered into: it is a regular file or nothing yet, in a folder that
    /// can be written. A device, a pipe, a link or a folder is never replaced. The error is a
    /// sentence.
    static Expected<void, std::string> CheckTarget(const std::string& path);
    /// Whether nobody else renders into `path` at the moment, and no file of another user is where
    /// PATH.part has to be. The error is a sentence.
    static Expected<void, std::string> CheckFree(const std::string& path);

    Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                         const ContentInfo& info) override;
    Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                 std::uint64_t offset,
                                                 ConstByteSpan bytes) override;
    Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                       bool complete) override;

    /// One sentence about the first thing that went wrong in this generation; empty if nothing did.
    const std::string& Failure() const { return m_failure; }

  private:
    /// Opens PATH.part and locks it; nobody has the lock of what it leads to then but we.
    bool OpenPart();
    /// Whether PATH.part still leads to what we write.
    bool IsOurs() const;
    bool Sync() const;
    void TakePlace();
    MediaErrorCode TooLong(std::string_view what);
    MediaErrorCode Fault(const char* what, const std::string& path);

    std::string m_path;
    std::string m_partPath;
    std::uint64_t m_maxBytes;
    std::uint64_t m_left = 0;  ///< of those, in this generation
    FileDescriptor m_file;
    dev_t m_device = 0;  ///< of what was opened as PATH.part
    ino_t m_inode = 0;
    std::string m_failure;
};

/// Takes everything and keeps nothing.
class NullSink final : public Sink {
  public:
    Expected<void, MediaErrorCode> Begin(TimePoint, Generation, const ContentInfo&) override {
        return {};
    }
    Expected<std::size_t, MediaErrorCode> Render(TimePoint, Generation, std::uint64_t,
                                                 ConstByteSpan bytes) override {
        return bytes.size();
    }
    Expected<void, MediaErrorCode> End(TimePoint, Generation, bool) override { return {}; }
};

}  // namespace crsp
