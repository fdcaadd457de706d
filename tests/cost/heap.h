// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace crsp::cost {

/// What a part of the program has taken from the heap. Counted by this program's operator new.
struct Heap {
    std::uint64_t allocations = 0;
    std::int64_t liveBytes = 0;  ///< with what the allocator rounds up
};

/// Charges allocations and frees to `heap` while it lives. One at a time.
class Charge {
  public:
    explicit Charge(Heap& heap);
    ~Charge();
    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;
};

}  // namespace crsp::cost
