// SPDX-License-Identifier: BSD-3-Clause
#include "tests/cost/heap.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace crsp::cost {
namespace {

Heap* charged = nullptr;

void* Taken(void* memory) {
    if (!memory) std::abort();
    if (charged) {
        ++charged->allocations;
        charged->liveBytes += static_cast<std::int64_t>(malloc_usable_size(memory));
    }
    return memory;
}

void Return(void* memory) {
    if (charged) charged->liveBytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
    std::free(memory);
}

}  // namespace

Charge::Charge(Heap& heap) {
    charged = &heap;
}

Charge::~Charge() {
    charged = nullptr;
}

}  // namespace crsp::cost

void* operator new(std::size_t size) {
    return crsp::cost::Taken(std::malloc(size));
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto unit = static_cast<std::size_t>(alignment);
    return crsp::cost::Taken(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}

void operator delete(void* memory) noexcept {
    crsp::cost::Return(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    crsp::cost::Return(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept {
    crsp::cost::Return(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    crsp::cost::Return(memory);
}
