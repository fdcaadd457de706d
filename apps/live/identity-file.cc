// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/identity-file.h"

#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <utility>

namespace crsp {
namespace {

constexpr std::string_view kHeader =
    "crsp-identity-1: an X25519 secret key; whoever can read it can pose as this node\n";
constexpr std::size_t kKeyText =
    sodium_base64_ENCODED_LEN(kKeyLength, sodium_base64_VARIANT_ORIGINAL);
constexpr std::size_t kFileSize = kHeader.size() + kKeyText;  // its newline for the zero
constexpr GuardedFile kIdentityFile{.what = "identity file", .limit = kFileSize, .secret = true};
constexpr unsigned kMode = 0600;

std::string FormatIdentity(const SecretKey& key) {
    std::string text(kHeader);
    text.resize(kFileSize);
    sodium_bin2base64(text.data() + kHeader.size(), kKeyText, SodiumInput(key.Bytes()), kKeyLength,
                      sodium_base64_VARIANT_ORIGINAL);
    text.back() = '\n';
    return text;
}

}  // namespace

std::optional<SecretKey> ParseIdentity(std::string_view text) {
    if (text.size() != kFileSize || !text.starts_with(kHeader) || text.back() != '\n') {
        return std::nullopt;
    }
    text.remove_prefix(kHeader.size());
    text.remove_suffix(1);
    SecretKey key;
    std::size_t length = 0;
    const int failed =
        sodium_base642bin(SodiumOutput(key.Bytes()), kKeyLength, text.data(), text.size(), nullptr,
                          &length, nullptr, sodium_base64_VARIANT_ORIGINAL);
    if (failed != 0 || length != kKeyLength) return std::nullopt;
    return key;
}

Expected<X25519KeyPair, NodeError> LoadIdentity(const std::string& path) {
    auto text = ReadGuarded(path, kIdentityFile);
    if (!text) return Fail(std::move(text.error()));
    const auto key = ParseIdentity(*text);
    sodium_memzero(text->data(), text->size());
    if (key) return X25519PairOf(*key);
    return Fail(NodeError{ExitCode::kConfig,
                          fmt::format("the identity file '{}' holds no identity: expected what "
                                      "crsp key generate writes",
                                      path)});
}

Expected<PeerKey, NodeError> GenerateIdentity(const std::string& path, Replace replace) {
    if (auto folder = PrepareFolder(path); !folder) return Fail(std::move(folder.error()));
    if (replace == Replace::kNo && ::access(path.c_str(), F_OK) == 0) {
        return Fail(NodeError{
            ExitCode::kFailed,
            fmt::format("there is an identity in '{}' already, by which peers know this node; "
                        "--force replaces it for good",
                        path)});
    }
    SecretKey key;
    randombytes_buf(SodiumOutput(key.Bytes()), kKeyLength);
    auto text = FormatIdentity(key);
    auto written = WriteGuarded(path, kIdentityFile, text, kMode, replace);
    sodium_memzero(text.data(), text.size());
    if (!written) return Fail(std::move(written.error()));
    return X25519PairOf(key).publicKey;
}

}  // namespace crsp
