// SPDX-License-Identifier: BSD-3-Clause
// The text of key files, identity files, peers files and references to peers.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "apps/live/identity-file.h"
#include "apps/live/key-file.h"
#include "apps/live/key-text.h"
#include "apps/live/peer-list.h"
#include "apps/live/peer-reference.h"
#include "model/base/assert.h"
#include "tests/fuzz/fuzzed-data.h"
#include "tests/support/vt-parser.h"

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

/// Whether all is `zero`: no secret, though it has the form of one.
bool IsNothingBut(char zero, std::string_view text) {
    return text.find_first_not_of(zero) == std::string_view::npos;
}

/// A key is 32 bytes, or 64 digits with or without a newline, not all of them 0, and nothing else.
void CheckPreSharedKey(ConstByteSpan bytes) {
    static MemoryFile file;
    const auto key = LoadKeyFile(file.Holding(bytes));
    const auto text = AsText(bytes);
    const bool raw = bytes.size() == sizeof(PreSharedKey);
    const bool line = text.size() == 64 || (text.size() == 65 && text.back() == '\n');
    const bool secret =
        raw ? !IsNothingBut('\0', text)
            : line && IsHex(text.substr(0, 64)) && !IsNothingBut('0', text.substr(0, 64));
    CRSP_ASSERT(key.has_value() == secret);
    if (key && raw) CRSP_ASSERT(std::equal(key->begin(), key->end(), bytes.begin()));
    if (!key) CRSP_ASSERT(key.error().message.find('\n') == std::string::npos);
}

/// One line that a terminal can take.
void CheckSentence(const std::string& text) {
    test::VtParser terminal(false);
    terminal.Feed(text);
    CRSP_ASSERT(!text.empty() && terminal.ControlFunctions() == 0 && terminal.AtRest());
}

void CheckIdentity(std::string_view text) {
    const auto identity = ParseIdentity(text);
    if (!identity) return CheckSentence(identity.error());
    for (const auto* key : {&identity->pair.secretKey, &identity->secret}) {
        CRSP_ASSERT(!IsNothingBut('\0', AsText(key->Bytes())));
    }
    CRSP_ASSERT(X25519PairOf(identity->pair.secretKey).publicKey == identity->pair.publicKey);
}

/// What was read is written so that it is read as the same; a line taken out or put in leaves the
/// others as they are.
void CheckPeers(std::string_view text) {
    const auto peers = ParsePeers(text);
    if (!peers) return CheckSentence(peers.error().message);
    std::string written;
    for (const KnownPeer& peer : *peers) written += PeerLine(peer);
    const auto again = ParsePeers(written);
    CRSP_ASSERT(again && again->size() == peers->size());
    for (std::size_t i = 0; i < peers->size(); ++i) {
        const auto& a = (*peers)[i];
        const auto& b = (*again)[i];
        CRSP_ASSERT(a.key == b.key && a.Name() == b.Name() && a.address == b.address);
        CRSP_ASSERT(RightsText(a.rights) == RightsText(b.rights));
    }
    if (peers->empty()) return;
    const auto fewer = ParsePeers(WithoutLine(text, peers->back().line));
    CRSP_ASSERT(fewer && fewer->size() + 1 == peers->size());
    const auto more = ParsePeers(WithPeer(WithoutLine(text, peers->back().line), peers->back()));
    CRSP_ASSERT(more && more->size() == peers->size());
}

void CheckKeyText(std::string_view text) {
    const auto key = ParsePublicKey(text);
    if (key) CRSP_ASSERT(PublicKeyText(*key) == text);
    CRSP_ASSERT(!key || !IsUnusableKey(text));
    CRSP_ASSERT(!IsUnusableKey(text) || text.size() == kPublicKeyText);
    const auto reference = ParsePeerReference(text);
    if (!reference) return CheckSentence(reference.error());
    CRSP_ASSERT(!reference->name.empty() || !reference->address.empty());
    CRSP_ASSERT(!reference->key || !reference->address.empty());
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace crsp::fuzz;
    FuzzedData data(bytes, size);
    const auto kind = data.Below(4);
    const auto rest = data.Rest();
    if (kind == 0) CheckPreSharedKey(rest);
    if (kind == 1) CheckIdentity(crsp::AsText(rest));
    if (kind == 2) CheckPeers(crsp::AsText(rest));
    if (kind == 3) CheckKeyText(crsp::AsText(rest));
    return 0;
}
