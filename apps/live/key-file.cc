// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/key-file.h"

#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "apps/live/guarded-file.h"

namespace crsp {
namespace {

constexpr std::size_t kHexDigits = 2 * sizeof(PreSharedKey);
constexpr GuardedFile kKeyFile{.what = "key file", .limit = kHexDigits + 1, .secret = true};
constexpr unsigned kMode = 0600;

NodeError NoKey(const std::string& path) {
    return {ExitCode::kConfig,
            fmt::format("the key file '{}' holds no key: expected 32 raw bytes or 64 hexadecimal "
                        "digits",
                        path)};
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
    auto text = ReadGuarded(path, kKeyFile);
    if (!text) return Fail(std::move(text.error()));
    const auto key = Decode(*text);
    sodium_memzero(text->data(), text->size());
    // As a second factor it would be none (CRSP §4.1), and as the only one everybody has it.
    if (key && *key == PreSharedKey{}) {
        return Fail(NodeError{
            ExitCode::kConfig,
            fmt::format(
                "the key file '{}' holds nothing but zeros, which is no secret: crsp-server "
                "genkey makes a key",
                path)});
    }
    if (key) return *key;
    return Fail(NoKey(path));
}

Expected<void, NodeError> GenerateKeyFile(const std::string& path) {
    // Nobody would use a key from there; a folder that is missing is told of when it is written.
    if (::access(FolderOf(path).c_str(), F_OK) == 0) {
        if (auto folder = CheckFolder(path); !folder) return folder;
    }
    auto key = SystemSeed();
    std::array<char, kHexDigits + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(key.data()),
                   key.size());
    hex.back() = '\n';
    auto written = WriteGuarded(path, kKeyFile, {hex.data(), hex.size()}, kMode, Replace::kNo);
    sodium_memzero(key.data(), key.size());
    sodium_memzero(hex.data(), hex.size());
    return written;
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
