// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "model/crypto/aead.h"

namespace crsp {

/// Whether libsodium runs `suite` on this CPU: it has AES-256-GCM in hardware only.
bool SodiumRuns(CipherSuite suite);
/// `suite` must be one that runs.
std::unique_ptr<Aead> MakeSodiumAead(CipherSuite suite, const SecretKey& key);

}  // namespace crsp
