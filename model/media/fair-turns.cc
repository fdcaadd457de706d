// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/fair-turns.h"

#include <algorithm>

namespace crsp {

void FairTurns::Begin(ConnectionHandle connection, const std::optional<PeerKey>& peer) {
    if (!m_running.try_emplace(connection, peer).second) return;
    if (peer) {
        m_queues[*peer].push_back(connection);
    } else {
        ++m_keyless;
    }
}

void FairTurns::End(ConnectionHandle connection) {
    const auto ended = m_running.extract(connection);
    if (ended.empty()) return;
    if (!ended.mapped()) {
        --m_keyless;
        return;
    }
    const auto at = m_queues.find(*ended.mapped());
    auto& queue = at->second;
    queue.erase(std::find(queue.begin(), queue.end(), connection));
    if (queue.empty()) m_queues.erase(at);
}

bool FairTurns::Contended() const {
    if (m_queues.size() + m_keyless < 2) return false;
    return std::any_of(m_queues.begin(), m_queues.end(),
                       [](const auto& item) { return item.second.size() > 1; });
}

bool FairTurns::MayWrite(ConnectionHandle connection) const {
    const auto at = m_running.find(connection);
    if (at == m_running.end() || !at->second || !Contended()) return true;
    return m_queues.at(*at->second).front() == connection;
}

std::vector<ConnectionHandle> FairTurns::Holders() const {
    std::vector<ConnectionHandle> holders;
    for (const auto& [peer, queue] : m_queues) {
        if (queue.size() > 1) holders.push_back(queue.front());
    }
    return holders;
}

void FairTurns::Pass(ConnectionHandle holder) {
    for (auto& [peer, queue] : m_queues) {
        if (queue.front() != holder) continue;
        queue.push_back(holder);
        queue.pop_front();
    }
}

std::vector<ConnectionHandle> FairTurns::Running() const {
    std::vector<ConnectionHandle> running;
    for (const auto& [connection, peer] : m_running) running.push_back(connection);
    return running;
}

}  // namespace crsp
