// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/base/time.h"

namespace crsp {

/// So many tokens in a second, and so many at once.
class TokenBucket {
  public:
    bool Take(TimePoint now, std::uint32_t perSecond, std::uint32_t burst);

  private:
    TimePoint m_full{};  ///< when it will be full again
};

}  // namespace crsp
