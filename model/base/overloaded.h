// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crsp {

/// Makes one visitor of several lambdas, for std::visit.
template <class... Lambdas>
struct Overloaded : Lambdas... {
    using Lambdas::operator()...;
};
template <class... Lambdas>
Overloaded(Lambdas...) -> Overloaded<Lambdas...>;

}  // namespace crsp
