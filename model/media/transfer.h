// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crsp {

/// One entry on its way to one renderer.
class Transfer {};

}  // namespace crsp
