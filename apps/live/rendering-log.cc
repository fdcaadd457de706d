// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/rendering-log.h"

namespace crsp {

void RenderingLog::OnTimeout(TimePoint now, Endpoint& endpoint) {
    SayHeldBack(now);
    m_role.OnTimeout(now, endpoint);
}

std::optional<TimePoint> RenderingLog::NextTimeout() const {
    const auto said = Earlier(m_ended.DueAt(), Earlier(m_failed.DueAt(), m_unanswered.DueAt()));
    return Earlier(said, m_role.NextTimeout());
}

void RenderingLog::SayHeldBack(TimePoint now) {
    for (auto* lines : {&m_ended, &m_failed, &m_unanswered}) lines->SayHeldBack(now);
}

}  // namespace crsp
