// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/command-memory.h"

#include <algorithm>

namespace crsp {

const Message* CommandMemory::Find(const std::optional<PeerKey>& peer, CommandId command) const {
    for (std::size_t i = 0; i < m_count; ++i) {
        const Remembered& known = m_answers[i];
        if (CommandOf(known.answer) == command && known.peer == peer) return &known.answer;
    }
    return nullptr;
}

void CommandMemory::Remember(const std::optional<PeerKey>& peer, const Message& answer) {
    m_answers[m_next] = {peer, answer};
    m_next = (m_next + 1) % kRememberedCommands;
    m_count = std::min(m_count + 1, kRememberedCommands);
}

}  // namespace crsp
