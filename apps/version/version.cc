// SPDX-License-Identifier: BSD-3-Clause
#include "apps/version/version.h"

#include <fmt/format.h>
#include <sodium.h>
#ifdef CRSP_HAS_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

#include "model/crypto/aead.h"

namespace crsp {
namespace {

#ifdef __clang__
constexpr std::string_view kCompiler = __VERSION__;
#else
constexpr std::string_view kCompiler = "GCC " __VERSION__;
#endif

/// What runs the ciphers here, besides libsodium.
std::string OtherLibraries() {
#ifdef CRSP_HAS_IPSEC_MB
    if (IsUsable(AeadLibrary::kIpsecMb, CipherSuite::kAes256GcmSha256)) {
        return fmt::format(", ipsec-mb {}", imb_get_version_str());
    }
#endif
    return {};
}

}  // namespace

std::string VersionText(std::string_view program, std::string_view ns3Version) {
    std::string text = fmt::format(
        "{} {}\n"
        "commit    {}\n"
        "compiler  {}\n"
        "engine    {}\n"
        "crypto    libsodium {}{}",
        program, CRSP_VERSION, GitCommit(), kCompiler, EngineHash(), sodium_version_string(),
        OtherLibraries());
    if (!ns3Version.empty()) {
        text += fmt::format("\nns-3      {}", ns3Version);
    }
    return text;
}

}  // namespace crsp
