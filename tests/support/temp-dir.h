// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

namespace crsp {

/// A folder of its own for one test, gone when the test is.
class TempDir {
  public:
    TempDir() {
        std::string path = (std::filesystem::temp_directory_path() / "crsp-test-XXXXXX").string();
        m_path = ::mkdtemp(path.data());
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::string& Path() const { return m_path; }
    std::string Path(std::string_view name) const { return m_path + "/" + std::string(name); }
    /// Makes or replaces a file; returns its path.
    std::string Write(std::string_view name, std::string_view content) const {
        const auto path = Path(name);
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

  private:
    std::string m_path;
};

inline std::string ReadFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Bytes that look like nothing in particular, the same for the same seed.
inline std::string PatternText(std::size_t size, unsigned seed = 1) {
    std::string text(size, '\0');
    std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (auto& c : text) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        c = static_cast<char>(state >> 32);
    }
    return text;
}

}  // namespace crsp
