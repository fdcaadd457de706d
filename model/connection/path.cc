// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/path.h"

#include <algorithm>

#include "model/base/planted.h"
#include "model/recovery/rtt-estimator.h"

namespace crsp {
namespace {

bool SameHost(const SocketAddress& a, const SocketAddress& b) {
    return a.family == b.family && a.bytes == b.bytes;
}

}  // namespace

std::optional<SocketAddress> Path::Candidate() const {
    if (!m_validation) return std::nullopt;
    return m_validation->address;
}

void Path::OnPacket(const SocketAddress& source, std::size_t bytes) {
    m_source = source;
    m_sourceBytes = bytes;
    if (m_validation && m_validation->address == source) {
        m_validation->credit += kUnvalidatedPathFactor * bytes;
        ++m_validation->packets;
    }
}

std::optional<PathChange> Path::OnFrame(TimePoint now, const PathResponseFrame& frame) {
    // Without a challenge under way the answer is late or made up, and either way harmless.
    if (!m_validation || m_validation->challenges == 0 || m_validation->challenge != frame.data) {
        return std::nullopt;
    }
    const Validation done = *m_validation;
    m_validation.reset();
    PathChange change{.before = m_remote, .rebinding = SameHost(m_remote, done.address)};
    if (done.challenges == 1) change.roundTrip = now - done.challengedAt;
    m_remote = done.address;
    return change;
}

void Path::OnPeerSeen(TimePoint now, Duration probeTimeout) {
    if (m_source == m_remote) return m_validation.reset();
    if (m_validation && m_validation->address == m_source) return;
    // The new path may be slower than the old one (RFC 9000 §8.2.4).
    const Duration patience = std::max(probeTimeout, RttEstimator().ProbeTimeout(Duration{}));
    m_validation = Validation{.address = m_source,
                              .challenge = m_random.U64(),
                              .credit = kUnvalidatedPathFactor * m_sourceBytes,
                              .interval = probeTimeout,
                              .giveUpAt = now + kPathValidationPtos * patience};
}

void Path::WriteFrames(PacketBuilder& packet) {
    if (ResponseDue() && packet.Write(PathResponseFrame{m_response->data})) m_response.reset();
}

std::optional<SocketAddress> Path::WriteElsewhere(TimePoint now, PacketBuilder& packet) {
    if (m_response && m_response->to != m_remote) {
        // The challenge that it answers was no shorter than this packet, and pays for it.
        const Response response = *m_response;
        m_response.reset();
        Charge(response.to);
        packet.Write(PathResponseFrame{response.data});
        return response.to;
    }
    if (!m_validation || !m_validation->due || m_validation->packets == 0 ||
        m_validation->credit < kPathPacketLength) {
        return std::nullopt;
    }
    m_validation->due = false;
    Charge(m_validation->address);
    m_validation->nextChallenge = now + m_validation->interval;
    m_validation->challengedAt = now;
    ++m_validation->challenges;
    packet.Write(PathChallengeFrame{m_validation->challenge});
    return m_validation->address;
}

/// A packet goes to `to`, at the expense of what may still go there.
void Path::Charge(const SocketAddress& to) {
    if (!m_validation || m_validation->address != to || CRSP_PLANTED(kChallengesFree)) return;
    m_validation->credit -= std::min<std::uint64_t>(m_validation->credit, kPathPacketLength);
    m_validation->packets -= std::min<std::uint64_t>(m_validation->packets, 1);
}

std::optional<TimePoint> Path::NextTimeout() const {
    if (!m_validation) return std::nullopt;
    if (m_validation->due) return m_validation->giveUpAt;
    return std::min(m_validation->nextChallenge, m_validation->giveUpAt);
}

void Path::OnTimeout(TimePoint now) {
    if (!m_validation) return;
    if (now >= m_validation->giveUpAt) return m_validation.reset();
    if (now >= m_validation->nextChallenge) m_validation->due = true;
}

}  // namespace crsp
