// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/identity-file.h"

#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <utility>

#include "apps/live/target-file.h"

namespace crsp {
namespace {

constexpr std::string_view kHeader =
    "crsp-identity-1: secret keys; whoever can read them can pose as this node\n";
/// A key and its newline.
constexpr std::size_t kLine = sodium_base64_ENCODED_LEN(kKeyLength, sodium_base64_VARIANT_ORIGINAL);
constexpr std::size_t kFileSize = kHeader.size() + 2 * kLine;
constexpr GuardedFile kIdentityFile{.what = "identity file", .limit = kFileSize, .secret = true};
constexpr unsigned kMode = 0600;

void WriteLine(const SecretKey& key, char* out) {
    sodium_bin2base64(out, kLine, SodiumInput(key.Bytes()), kKeyLength,
                      sodium_base64_VARIANT_ORIGINAL);
    out[kLine - 1] = '\n';
}

bool ReadLine(std::string_view line, SecretKey& key) {
    std::size_t length = 0;
    const int failed =
        sodium_base642bin(SodiumOutput(key.Bytes()), kKeyLength, line.data(), kLine - 1, nullptr,
                          &length, nullptr, sodium_base64_VARIANT_ORIGINAL);
    return failed == 0 && length == kKeyLength && line[kLine - 1] == '\n';
}

bool IsZero(const SecretKey& key) {
    return sodium_is_zero(SodiumInput(key.Bytes()), kKeyLength) != 0;
}

std::string FormatIdentity(const SecretKey& key, const SecretKey& secret) {
    std::string text(kHeader);
    text.resize(kFileSize);
    WriteLine(key, text.data() + kHeader.size());
    WriteLine(secret, text.data() + kHeader.size() + kLine);
    return text;
}

SecretKey RandomKey() {
    SecretKey key;
    randombytes_buf(SodiumOutput(key.Bytes()), kKeyLength);
    return key;
}

}  // namespace

Expected<Identity, std::string> ParseIdentity(std::string_view text) {
    const auto none = [] {
        return Fail(std::string("no identity: expected what crsp key generate writes"));
    };
    if (text.size() != kFileSize || !text.starts_with(kHeader)) return none();
    text.remove_prefix(kHeader.size());
    SecretKey key;
    Identity identity;
    if (!ReadLine(text.substr(0, kLine), key) || !ReadLine(text.substr(kLine), identity.secret)) {
        return none();
    }
    if (IsZero(key) || IsZero(identity.secret)) {
        return Fail(
            std::string("nothing but zeros for a key, which is no secret: crsp key "
                        "generate makes an identity"));
    }
    identity.pair = X25519PairOf(key);
    return identity;
}

Expected<Identity, NodeError> LoadIdentity(const std::string& path) {
    auto text = ReadGuarded(path, kIdentityFile);
    if (!text) return Fail(std::move(text.error()));
    auto identity = ParseIdentity(*text);
    sodium_memzero(text->data(), text->size());
    if (identity) return std::move(*identity);
    return Fail(NodeError{ExitCode::kConfig,
                          fmt::format("the identity file '{}' holds {}", path, identity.error())});
}

Expected<PeerKey, NodeError> GenerateIdentity(const std::string& path, Replace replace) {
    if (auto folder = PrepareFolder(path); !folder) return Fail(std::move(folder.error()));
    if (auto usable = CheckTarget(path, "put an identity into"); !usable) {
        return Fail(NodeError{ExitCode::kFailed, std::move(usable.error())});
    }
    if (replace == Replace::kNo && ::access(path.c_str(), F_OK) == 0) {
        return Fail(NodeError{
            ExitCode::kFailed,
            fmt::format("there is an identity in '{}' already, by which peers know this node; "
                        "--force replaces it for good",
                        path)});
    }
    const auto key = RandomKey();
    auto text = FormatIdentity(key, RandomKey());
    auto written = WriteGuarded(path, kIdentityFile, text, kMode, replace);
    sodium_memzero(text.data(), text.size());
    if (!written) return Fail(std::move(written.error()));
    return X25519PairOf(key).publicKey;
}

}  // namespace crsp
