// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "model/base/bytes.h"

namespace crsp {

/// Makes libsodium ready; asserts that it could be. Cheap and thread-safe after the first call.
/// Every constructor in crypto/ that leads to libsodium calls it, so users of crypto/ need not.
void EnsureSodium();

/// Overwrites `bytes` with zeros in a way that the compiler may not leave out.
void Wipe(ByteSpan bytes);

/// Compares secrets or tags in a time that depends on their lengths only.
bool ConstantTimeEqual(ConstByteSpan a, ConstByteSpan b);

/// `bytes` as libsodium takes them: never null, also for an empty span.
const unsigned char* SodiumInput(ConstByteSpan bytes);
unsigned char* SodiumOutput(ByteSpan bytes);

}  // namespace crsp
