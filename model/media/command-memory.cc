// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/command-memory.h"

#include <algorithm>

namespace crsp {

const Message* CommandMemory::Find(CommandId command) const {
    for (std::size_t i = 0; i < m_count; ++i) {
        if (CommandOf(m_answers[i]) == command) return &m_answers[i];
    }
    return nullptr;
}

void CommandMemory::Remember(const Message& answer) {
    m_answers[m_next] = answer;
    m_next = (m_next + 1) % kRememberedCommands;
    m_count = std::min(m_count + 1, kRememberedCommands);
}

}  // namespace crsp
