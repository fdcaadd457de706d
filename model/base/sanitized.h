// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crsp {

/// Whether this is a build with a sanitizer: those open files of their own, up to the end of the
/// process, and map more memory than can be looked through.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace crsp
