// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "model/base/bytes.h"
#include "model/wire/frames.h"
#include "tests/fuzz/fuzzed-data.h"

namespace crsp::fuzz {

/// Writes any frame, as it would be sent.
void EncodeAnyFrame(ByteWriter& out, const Frame& frame);

/// A frame of any type with fields that `data` chooses; it views `data`. Most of its fields are
/// plausible on a connection that has a few streams.
Frame PickFrame(FuzzedData& data);

/// Decodes `payload` frame by frame; each that is one is encoded and decoded again, and must be the
/// same. Returns whether a packet may hold all of it.
bool CheckRoundTrip(ConstByteSpan payload);

}  // namespace crsp::fuzz
