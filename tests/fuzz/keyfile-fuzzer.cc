// SPDX-License-Identifier: BSD-3-Clause
// The text of key files, given in a file that exists in memory only.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "apps/live/key-file.h"
#include "model/base/assert.h"
#include "tests/fuzz/fuzzed-data.h"

namespace crsp::fuzz {
namespace {

/// One file for the life of the process, which only its owner may touch.
class MemoryFile {
  public:
    MemoryFile() : m_fd(::memfd_create("key", MFD_CLOEXEC)) {
        CRSP_ASSERT(m_fd >= 0 && ::fchmod(m_fd, S_IRUSR | S_IWUSR) == 0);
    }
    std::string Holding(ConstByteSpan bytes) {
        CRSP_ASSERT(::ftruncate(m_fd, 0) == 0);
        const auto size = static_cast<ssize_t>(bytes.size());
        CRSP_ASSERT(::pwrite(m_fd, bytes.data(), bytes.size(), 0) == size);
        return fmt::format("/proc/self/fd/{}", m_fd);
    }

  private:
    int m_fd;
};

bool IsHex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// A key is 32 bytes, or 64 digits with or without a newline, and nothing else.
void CheckPreSharedKey(ConstByteSpan bytes) {
    static MemoryFile file;
    const auto key = LoadKeyFile(file.Holding(bytes));
    const auto text = AsText(bytes);
    const bool raw = bytes.size() == sizeof(PreSharedKey);
    const bool line = text.size() == 64 || (text.size() == 65 && text.back() == '\n');
    CRSP_ASSERT(key.has_value() == (raw || (line && IsHex(text.substr(0, 64)))));
    if (key && raw) CRSP_ASSERT(std::equal(key->begin(), key->end(), bytes.begin()));
    if (!key) CRSP_ASSERT(key.error().message.find('\n') == std::string::npos);
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace crsp::fuzz;
    FuzzedData data(bytes, size);
    CheckPreSharedKey(data.Rest());
    return 0;
}
