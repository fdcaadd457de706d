// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>

#include "model/media/messages.h"

namespace crsp {

/// Commands whose answers a renderer remembers (CRSP §9.7).
inline constexpr std::size_t kRememberedCommands = 64;

/// The last answers of a renderer by command id, so that a command that arrives again is answered
/// again and not done again.
class CommandMemory {
  public:
    /// The answer given to `command`; null if it is not, or no longer, known.
    const Message* Find(CommandId command) const;
    /// Keeps `answer` under its own command id, in place of the oldest.
    void Remember(const Message& answer);

  private:
    std::array<Message, kRememberedCommands> m_answers;
    std::size_t m_count = 0;
    std::size_t m_next = 0;
};

}  // namespace crsp
