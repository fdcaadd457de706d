// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace crsp {

/// Where the identity is when nobody says otherwise: `$XDG_CONFIG_HOME/crsp/identity.key`, else
/// below `~/.config`. Empty if neither variable names an absolute path.
std::string DefaultIdentityPath();

/// The same for the peers file, `peers`.
std::string DefaultPeersPath();

}  // namespace crsp
