// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace crsp {

void AssertionFailed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "crsp: assertion failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace crsp
