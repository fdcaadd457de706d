// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "apps/live/exit-code.h"
#include "apps/live/guarded-file.h"
#include "model/base/result.h"
#include "model/connection/known-peer.h"

namespace crsp {

/// What makes a node the one that others know.
struct Identity {
    X25519KeyPair pair;
    /// Independent of `pair`; see EndpointConfig::secret.
    SecretKey secret;
};

/// The text of an identity file: a line that says what it is, then the secret key and the other
/// secret, in base64. The error says what `text` holds instead, behind "holds": neither of the two
/// may be nothing but zeros.
Expected<Identity, std::string> ParseIdentity(std::string_view text);

/// Reads what a node proves itself with. Errors: kNoInput if the file cannot be read, kConfig if it
/// must not be used (see ReadGuarded) or holds something else, or zeros.
Expected<Identity, NodeError> LoadIdentity(const std::string& path);

/// Writes a fresh identity to a file of mode 0600, in a folder that is made if it is missing, and
/// returns its public key. With kNo an existing file stays as it is: kFailed.
Expected<PeerKey, NodeError> GenerateIdentity(const std::string& path, Replace replace);

}  // namespace crsp
