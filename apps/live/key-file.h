// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "apps/live/exit-code.h"
#include "model/base/result.h"
#include "model/connection/endpoint-config.h"

namespace crsp {

/// Reads a pre-shared key: 32 raw bytes, or 64 hexadecimal digits with or without a newline. The
/// file must be a regular one that only its owner may touch (mode 0600 or 0400), see ReadGuarded.
/// Errors: kNoInput if it cannot be read, kConfig if it must not be used or holds no key, which 32
/// zero bytes are not.
Expected<PreSharedKey, NodeError> LoadKeyFile(const std::string& path);

/// Writes a fresh random key in hexadecimal to a new file of mode 0600. Never replaces a file:
/// kFailed if there is one already, kConfig for a folder that CheckFolder refuses.
Expected<void, NodeError> GenerateKeyFile(const std::string& path);

/// 32 bytes from the system's generator: the seed of an endpoint that talks to real peers.
Seed SystemSeed();

/// A random number that tells this process from all others; never 0.
std::uint64_t RandomInstance();

}  // namespace crsp
