// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-folders.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <system_error>

namespace crsp::lab {
namespace {

/// Another process may put its own folder there each time that ours has made room.
constexpr int kAttempts = 100;

}  // namespace

RunFolders::RunFolders(const std::filesystem::path& out) {
    std::filesystem::create_directories(out);
    std::string name = (out / ".running-XXXXXX").string();
    if (!mkdtemp(name.data())) {
        throw std::filesystem::filesystem_error("mkdtemp", out, {errno, std::generic_category()});
    }
    m_path = name;
}

RunFolders::~RunFolders() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::string RunFolders::InFlight(std::size_t run) const {
    return (m_path / std::to_string(run)).string();
}

void RunFolders::Keep(std::size_t run, const std::filesystem::path& to) const {
    std::filesystem::create_directories(to.parent_path());
    std::error_code error;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        std::filesystem::rename(InFlight(run), to, error);
        if (!error) return;
        if (error != std::errc::directory_not_empty && error != std::errc::file_exists) break;
        std::error_code ignored;
        const auto replaced = m_path / fmt::format("{}-{}-replaced", run, attempt);
        std::filesystem::rename(to, replaced, ignored);
    }
    throw std::filesystem::filesystem_error("rename", to, error);
}

}  // namespace crsp::lab
