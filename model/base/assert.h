// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crsp {

/// Prints the broken condition and where it stands to stderr, then aborts.
[[noreturn]] void AssertionFailed(const char* condition, const char* file, int line);

}  // namespace crsp

/// Guards an invariant of our own. Stays on in every build; never used for input from outside,
/// which ends in an error code instead.
#define CRSP_ASSERT(condition) \
    ((condition) ? void(0) : ::crsp::AssertionFailed(#condition, __FILE__, __LINE__))
