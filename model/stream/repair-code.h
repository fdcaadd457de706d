// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/base/bytes.h"

namespace crsp {

/// Arithmetic of forward error correction: bytes are elements of GF(2^8) (CRSP §5.9). A thin layer
/// over ISA-L.

/// What symbol `symbol` (below kRepairSymbolNumbers) is multiplied with in repair symbol `repair`
/// (below kRepairNumbers). Never 0; a Cauchy matrix, so that every square part of it is regular.
std::uint8_t RepairCoefficient(std::uint8_t repair, std::uint8_t symbol);

/// Adds `coefficient` times `symbol` to the front of `sum`, which is at least as long.
void AddMultiple(ByteSpan sum, std::uint8_t coefficient, ConstByteSpan symbol);

/// What `a` gives 1 multiplied with; it is not 0.
std::uint8_t GaloisInverse(std::uint8_t a);

}  // namespace crsp
