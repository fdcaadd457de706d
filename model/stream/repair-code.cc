// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/repair-code.h"

#include <isa-l/erasure_code.h>

#include <array>

#include "model/base/assert.h"
#include "model/wire/frames.h"

namespace crsp {

std::uint8_t RepairCoefficient(std::uint8_t repair, std::uint8_t symbol) {
    CRSP_ASSERT(repair < kRepairNumbers && symbol < kRepairSymbolNumbers);
    return gf_inv(static_cast<std::uint8_t>((kRepairSymbolNumbers + repair) ^ symbol));
}

void AddMultiple(ByteSpan sum, std::uint8_t coefficient, ConstByteSpan symbol) {
    CRSP_ASSERT(symbol.size() <= sum.size());
    if (symbol.empty() || coefficient == 0) return;
    constexpr std::size_t kTableLength = 32;
    std::array<unsigned char, kTableLength> table;
    ec_init_tables(1, 1, &coefficient, table.data());
    // The library takes what it only reads as not constant.
    auto* in = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(symbol.data()));
    auto* out = reinterpret_cast<unsigned char*>(sum.data());
    ec_encode_data_update(static_cast<int>(symbol.size()), 1, 1, 0, table.data(), in, &out);
}

std::uint8_t GaloisInverse(std::uint8_t a) {
    CRSP_ASSERT(a != 0);
    return gf_inv(a);
}

}  // namespace crsp
