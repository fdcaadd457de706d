// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/key-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "apps/live/file-descriptor.h"

namespace crsp {
namespace {

constexpr std::size_t kHexDigits = 2 * sizeof(PreSharedKey);
/// Hexadecimal digits and one newline, and one byte more to notice a longer file.
constexpr std::size_t kReadLimit = kHexDigits + 2;

NodeError SystemFailure(ExitCode code, std::string_view what, const std::string& path) {
    return {code, fmt::format("cannot {} the key file '{}': {}", what, path, std::strerror(errno))};
}

/// As one word of a shell, and no option.
std::string ShellWord(const std::string& path) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
    const std::string word = path.starts_with('-') ? "./" + path : path;
    if (word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::optional<NodeError> CheckFile(int fd, const std::string& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return SystemFailure(ExitCode::kNoInput, "examine", path);
    if (!S_ISREG(status.st_mode)) {
        return NodeError{ExitCode::kConfig,
                         fmt::format("the key file '{}' is not a regular file", path)};
    }
    const auto forOthers = status.st_mode & (S_IRWXG | S_IRWXO);
    if (forOthers == 0) return std::nullopt;
    return NodeError{ExitCode::kConfig,
                     fmt::format("the key file '{}' is open to others (mode {:04o}); make it "
                                 "yours alone with: chmod 600 {}",
                                 path, status.st_mode & 07777, ShellWord(path))};
}

std::optional<PreSharedKey> Decode(std::string_view text) {
    PreSharedKey key{};
    if (text.size() == key.size()) {
        std::memcpy(key.data(), text.data(), key.size());
        return key;
    }
    if (text.size() == kHexDigits + 1 && text.back() == '\n') text.remove_suffix(1);
    if (text.size() != kHexDigits) return std::nullopt;
    std::size_t length = 0;
    const int failed = sodium_hex2bin(reinterpret_cast<unsigned char*>(key.data()), key.size(),
                                      text.data(), text.size(), nullptr, &length, nullptr);
    if (failed != 0 || length != key.size()) return std::nullopt;
    return key;
}

}  // namespace

Expected<PreSharedKey, NodeError> LoadKeyFile(const std::string& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.IsOpen()) return Fail(SystemFailure(ExitCode::kNoInput, "open", path));
    if (auto refusal = CheckFile(file.Get(), path)) return Fail(std::move(*refusal));
    std::array<char, kReadLimit> buffer{};
    const auto size = ::read(file.Get(), buffer.data(), buffer.size());
    if (size < 0) return Fail(SystemFailure(ExitCode::kNoInput, "read", path));
    const auto key = Decode({buffer.data(), static_cast<std::size_t>(size)});
    sodium_memzero(buffer.data(), buffer.size());
    if (key) return *key;
    return Fail(NodeError{ExitCode::kConfig,
                          fmt::format("the key file '{}' holds no key: expected 32 raw bytes or "
                                      "64 hexadecimal digits",
                                      path)});
}

Expected<void, NodeError> GenerateKeyFile(const std::string& path) {
    const FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file.IsOpen()) return Fail(SystemFailure(ExitCode::kFailed, "create", path));
    auto key = SystemSeed();
    std::array<char, kHexDigits + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(key.data()),
                   key.size());
    hex.back() = '\n';
    const auto written = ::write(file.Get(), hex.data(), hex.size());
    sodium_memzero(key.data(), key.size());
    sodium_memzero(hex.data(), hex.size());
    if (written == static_cast<ssize_t>(hex.size())) return {};
    auto failure = SystemFailure(ExitCode::kFailed, "write", path);
    ::unlink(path.c_str());
    return Fail(std::move(failure));
}

Seed SystemSeed() {
    Seed seed;
    randombytes_buf(seed.data(), seed.size());
    return seed;
}

std::uint64_t RandomInstance() {
    std::uint64_t instance = 0;
    while (instance == 0) randombytes_buf(&instance, sizeof(instance));
    return instance;
}

}  // namespace crsp
