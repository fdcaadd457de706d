// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "model/media/messages.h"

namespace crsp {

/// Commands whose answers a renderer remembers (CRSP §9.7).
inline constexpr std::size_t kRememberedCommands = 64;

/// The last answers of a renderer by command id and asker, so that a command that arrives again is
/// answered again and not done again. The ids of one key mean nothing to another: nobody gets to
/// hear, or can take in advance, the answer to somebody else's command.
class CommandMemory {
  public:
    /// The answer given to `command` of `peer`; null if it is not, or no longer, known.
    const Message* Find(const std::optional<PeerKey>& peer, CommandId command) const;
    /// Keeps `answer` under its own command id, in place of the oldest.
    void Remember(const std::optional<PeerKey>& peer, const Message& answer);

  private:
    struct Remembered {
        std::optional<PeerKey> peer;
        Message answer;
    };

    std::array<Remembered, kRememberedCommands> m_answers;
    std::size_t m_count = 0;
    std::size_t m_next = 0;
};

}  // namespace crsp
