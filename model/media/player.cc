// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/player.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {

Player::Player(std::size_t portion, std::uint64_t rate, Sink& sink)
    : m_sink(sink), m_clock(rate), m_portion(portion) {
    CRSP_ASSERT(portion > 0);
}

Expected<void, MediaErrorCode> Player::Begin(TimePoint now, const Source& source,
                                             Generation generation, const ContentInfo& info) {
    CRSP_ASSERT(!m_begun && generation > m_generation);
    m_source = source;
    m_generation = generation;
    m_info = info;
    m_position = info.offset;
    m_held = m_taken = 0;
    m_starved = true;  // so that the timetable begins with the first byte
    m_retryAt.reset();
    const auto accepted = m_sink.Begin(now, generation, info);
    m_begun = accepted.has_value();
    return accepted;
}

void Player::Continue(const Source& source) {
    CRSP_ASSERT(m_begun);
    m_source = source;
}

bool Player::Owns(ConnectionHandle connection, StreamId stream) const {
    return m_begun && m_source.connection == connection && m_source.stream == stream;
}

Expected<Player::Advanced, MediaErrorCode> Player::Advance(TimePoint now, Endpoint& endpoint) {
    CRSP_ASSERT(m_begun);
    const std::uint64_t before = m_position;
    m_drained = false;
    Expected<Step, MediaErrorCode> step = Step::kAgain;
    while (step && *step == Step::kAgain) {
        step = m_taken < m_held ? Feed(now) : Fill(now, endpoint);
    }
    if (!step) return Fail(step.error());
    Advanced advanced{Outcome::kWaiting, m_position > before};
    if (*step == Step::kStarve) advanced.outcome = Outcome::kStarved;
    if (*step == Step::kComplete) advanced.outcome = Outcome::kCompleted;
    return advanced;
}

Expected<Player::Step, MediaErrorCode> Player::Fill(TimePoint now, Endpoint& endpoint) {
    if (!m_starved && m_clock.DueAt(m_position) > now) return Step::kWait;
    if (!m_source.finished && !m_drained) {
        const auto read = endpoint.Read(m_source.connection, m_source.stream, m_portion);
        if (!read) {  // reset, closed or lost: the event is on its way, or what replaces it
            m_starved = true;
            return Step::kStarve;
        }
        m_held = read->bytes;
        m_taken = 0;
        m_source.finished = read->finished;
        m_drained = m_held < m_portion.size();
    }
    if (m_held > m_info.size - m_position) return Fail(MediaErrorCode::kReadFailed);
    if (m_taken < m_held) {
        if (m_starved) m_clock.Anchor(now, m_position);
        m_starved = false;
        return Step::kAgain;
    }
    if (m_source.finished && m_position < m_info.size) return Fail(MediaErrorCode::kReadFailed);
    if (m_source.finished) return Step::kComplete;
    m_starved = true;
    return Step::kStarve;
}

Expected<Player::Step, MediaErrorCode> Player::Feed(TimePoint now) {
    if (m_retryAt && now < *m_retryAt) return Step::kWait;
    m_retryAt.reset();
    const auto offered = ConstByteSpan(m_portion).subspan(m_taken, m_held - m_taken);
    const auto taken = m_sink.Render(now, m_generation, m_position, offered);
    if (!taken) return Fail(taken.error());
    CRSP_ASSERT(*taken <= offered.size());
    m_taken += *taken;
    m_position += *taken;
    if (m_taken == m_held) {
        m_taken = m_held = 0;
        return Step::kAgain;
    }
    m_retryAt = now + kSinkRetryInterval;
    return Step::kWait;
}

void Player::Pause(TimePoint now) {
    const bool waits = m_begun && !m_starved;
    m_owed = waits ? std::max(Duration(0), m_clock.DueAt(m_position) - now) : Duration(0);
}

void Player::Resume(TimePoint now) {
    m_clock.Anchor(now + m_owed, m_position);
}

Expected<void, MediaErrorCode> Player::End(TimePoint now, Endpoint& endpoint, bool complete) {
    if (!m_begun) return {};
    m_begun = false;
    if (!m_source.finished) (void)endpoint.StopSending(m_source.connection, m_source.stream, 0);
    return m_sink.End(now, m_generation, complete);
}

std::optional<TimePoint> Player::NextTimeout() const {
    if (!m_begun) return std::nullopt;
    if (m_taken < m_held) return m_retryAt;
    if (m_starved) return std::nullopt;
    return m_clock.DueAt(m_position);
}

}  // namespace crsp
