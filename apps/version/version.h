// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace crsp {

#ifdef CRSP_NS3_VERSION
constexpr std::string_view kNs3Version = CRSP_NS3_VERSION;
#else
constexpr std::string_view kNs3Version;
#endif

/// SHA-256 of the engine's static library as built, in hex: equal in two programs exactly if they
/// hold the same engine.
std::string_view EngineHash();

/// The commit this was built from, with "-dirty" if tracked files had changed; "unknown" outside
/// of a git work tree.
std::string_view GitCommit();

/// What `--version` prints, several lines without a final newline. `ns3Version` is left out when
/// empty; its default is the ns-3 that the calling file is compiled against.
std::string VersionText(std::string_view program, std::string_view ns3Version = kNs3Version);

}  // namespace crsp
