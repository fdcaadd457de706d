// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tl/expected.hpp>

namespace crsp {

/// A value, or the reason there is none. No exception crosses the engine (DECISIONS.md, errors).
template <class T, class E>
using Expected = tl::expected<T, E>;

template <class E>
using Unexpected = tl::unexpected<E>;

/// Wraps an error for return from a function that returns Expected<_, E>.
template <class E>
constexpr Unexpected<E> Fail(E error) {
    return Unexpected<E>(std::move(error));
}

}  // namespace crsp
