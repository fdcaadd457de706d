// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/server-role.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace crsp {
namespace {

/// How often a transfer asks again for a stream that the peer has not yet granted...
constexpr Duration kStreamRetryInterval = milliseconds(50);
/// ...and for how long.
constexpr Duration kStreamPatience = seconds(5);
/// While keys compete, so often whoever has the turn is given more to send,
constexpr Duration kTurnTick = milliseconds(20);
/// as much as goes out in so many ticks, and no less than a few packets;
constexpr std::uint64_t kTurnAhead = 3;
constexpr std::uint64_t kTurnMinimum = 32 * 1024;
/// the turn passes after so many, or after fewer of which the last brought nothing.
constexpr int kTurnTicks = 15;
constexpr int kStalledTicks = 3;

std::uint64_t MillisecondsOf(TimePoint at) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(at.time_since_epoch()).count());
}

ContentsMessage HeaderFor(const RenderMessage& request, const CatalogueEntry& entry) {
    return {request.command, request.generation, entry.id,
            entry.version,   request.offset,     entry.size};
}

}  // namespace

ServerRole::ServerRole(ServerConfig config, ContentStore& store)
    : m_config(config),
      m_store(store),
      m_gate(config.maxSessions + config.maxWaiting, config.maxSessionsPerPeer) {
    if (m_config.serverSecret) m_mint.emplace(*m_config.serverSecret);
}

void ServerRole::OnStart(TimePoint, Endpoint&) {}

void ServerRole::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    std::visit([&](const auto& e) { On(now, e, endpoint); }, event);
}

void ServerRole::OnTimeout(TimePoint now, Endpoint& endpoint) {
    if (m_tickAt && now >= *m_tickAt) Tick(now, endpoint);
    if (!m_retryAt || now < *m_retryAt) return;
    m_retryAt.reset();
    for (auto& [connection, session] : m_sessions) {
        if (session.transfer && !session.transfer->Stream()) Pump(now, session, endpoint);
    }
}

std::optional<TimePoint> ServerRole::NextTimeout() const {
    if (!m_tickAt || !m_retryAt) return m_tickAt ? m_tickAt : m_retryAt;
    return std::min(*m_tickAt, *m_retryAt);
}

void ServerRole::OnShutdown(TimePoint now, Endpoint& endpoint) {
    for (auto& [connection, session] : m_sessions) {
        session.channel.Close(now, endpoint, MediaErrorCode::kNone, "server ends");
    }
}

void ServerRole::SetAccess(TimePoint now, Endpoint& endpoint, AccessList access) {
    m_access = std::move(access);
    const auto isGone = [&](const auto& item) { return !m_access.Of(item.first); };
    std::erase_if(m_views, isGone);
    std::erase_if(m_budgets, isGone);
    for (auto& [peer, view] : m_views) view.Invalidate();
    for (auto& [connection, session] : m_sessions) {
        if (!m_access.Of(session.peer)) {
            session.channel.Close(now, endpoint, MediaErrorCode::kNotAllowed,
                                  "not allowed any more");
        } else if (session.transfer && !session.transfer->Done() &&
                   !VersionFor(session.transfer->Begun(), session.peer, session.request)) {
            FailTransfer(now, session, endpoint, MediaErrorCode::kNoSuchEntry);
        }
    }
}

ServerRole::Session* ServerRole::Find(ConnectionHandle connection) {
    const auto at = m_sessions.find(connection);
    return at == m_sessions.end() ? nullptr : &at->second;
}

void ServerRole::On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint) {
    const auto close = [&](MediaErrorCode code, std::string_view why) {
        (void)endpoint.Close(now, event.connection, static_cast<std::uint64_t>(code), why);
    };
    if (event.mode == HandshakeMode::kPairing || !m_access.Of(event.peer)) {
        return close(MediaErrorCode::kNotAllowed, "not allowed");
    }
    if (!m_gate.Enter(event.connection, event.peer)) {
        ++m_counters.turnedAway;
        return close(MediaErrorCode::kBusy, "too many sessions");
    }
    m_sessions.try_emplace(event.connection, event, m_config.tracer);
    ++m_counters.sessions;
}

void ServerRole::On(TimePoint, const ClosedEvent& event, Endpoint&) {
    Session* session = Find(event.connection);
    if (!session) return;
    if (session->transfer && !session->transfer->Done()) ++m_counters.transfersFailed;
    if (session->served) --m_served;
    m_turns.End(event.connection);
    m_gate.Leave(event.connection);
    m_sessions.erase(event.connection);
}

void ServerRole::On(TimePoint, const StreamOpenedEvent& event, Endpoint& endpoint) {
    if (event.stream != kControlStream) {
        RefuseStream(endpoint, event.connection, event.stream);
    } else if (Session* session = Find(event.connection)) {
        session->channel.Flush(endpoint);
    }
}

void ServerRole::On(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint) {
    Session* session = Find(event.connection);
    if (!session || event.stream != kControlStream) return;
    while (const auto message = session->channel.Receive(now, endpoint)) {
        if (!HasRoomFor(*session)) {
            TurnAway(now, *session, *message, endpoint);
        } else if (const auto after = OverBudget(now, *session, *message)) {
            SayBusy(now, *session, CommandOf(*message), *after, endpoint);
        } else {
            std::visit([&](const auto& m) { Handle(now, *session, m, endpoint); }, *message);
        }
    }
}

void ServerRole::On(TimePoint now, const StreamWritableEvent& event, Endpoint& endpoint) {
    Session* session = Find(event.connection);
    if (!session) return;
    if (event.stream == kControlStream) return session->channel.Flush(endpoint);
    if (session->transfer && session->transfer->Stream() == event.stream) {
        Pump(now, *session, endpoint);
    }
}

void ServerRole::On(TimePoint now, const StreamResetEvent& event, Endpoint& endpoint) {
    Session* session = Find(event.connection);
    if (!session || event.stream != kControlStream) return;
    session->channel.Close(now, endpoint, MediaErrorCode::kNotSupported, "control stream reset");
}

void ServerRole::On(TimePoint now, const StreamStoppedEvent& event, Endpoint& endpoint) {
    Session* session = Find(event.connection);
    if (!session || !session->transfer || session->transfer->Stream() != event.stream) return;
    if (!session->transfer->Done()) ++m_counters.transfersStopped;
    ChargeForUnsent(now, *session, endpoint);
    EndTransfer(*session);
}

void ServerRole::Handle(TimePoint now, Session& session, const ListMessage& message,
                        Endpoint& endpoint) {
    ++m_counters.listings;
    const PeerRights& rights = *m_access.Of(session.peer);
    const bool everything = !session.peer || (rights.read && rights.entries.empty());
    session.channel.Send(now, endpoint,
                         everything ? WholePage(m_store, message)
                                    : m_views[*session.peer].Page(m_store, rights, message));
}

void ServerRole::Handle(TimePoint now, Session& session, const GrantMessage& message,
                        Endpoint& endpoint) {
    if (!m_mint || !session.peer) {
        return Refuse(now, session, endpoint, message.command, MediaErrorCode::kNotSupported);
    }
    const auto entry = m_store.Find(message.entry);
    if (!entry || !MayRead(session.peer, *entry)) {
        return Refuse(now, session, endpoint, message.command, MediaErrorCode::kNoSuchEntry);
    }
    const std::uint64_t lifetime = std::min(message.lifetime, kMaxGrantLifetimeMs);
    const GrantTerms terms{message.entry, message.version, message.renderer, *session.peer,
                           UnixTime(now) + lifetime};
    ++m_counters.grants;
    session.channel.Send(now, endpoint,
                         GrantedMessage{message.command, lifetime, m_mint->Issue(terms)});
}

void ServerRole::Handle(TimePoint now, Session& session, const RenderMessage& message,
                        Endpoint& endpoint) {
    if (session.transfer && message.generation < session.transfer->Header().generation) {
        return Refuse(now, session, endpoint, message.command, MediaErrorCode::kStaleGeneration);
    }
    if (IsFull(session)) {
        return SayBusy(now, session, message.command, WaitForAPlace(), endpoint);
    }
    const auto version = VersionFor(now, session.peer, message);
    if (!version) {
        return Refuse(now, session, endpoint, message.command, MediaErrorCode::kNoSuchEntry);
    }
    auto reader = m_store.Open(message.entry, *version);
    if (!reader) return Refuse(now, session, endpoint, message.command, reader.error());
    const ContentsMessage header = HeaderFor(message, (*reader)->Entry());
    if (header.offset > header.size) {
        return Refuse(now, session, endpoint, message.command, MediaErrorCode::kOffsetOutOfRange);
    }
    Replace(now, session, endpoint, Transfer(header, std::move(*reader), now));
    session.request = message;
    Pump(now, session, endpoint);
}

void ServerRole::Handle(TimePoint now, Session& session, const ExitMessage&, Endpoint& endpoint) {
    session.channel.Close(now, endpoint, MediaErrorCode::kNone, "exit");
}

void ServerRole::Handle(TimePoint, Session&, const ErrorMessage&, Endpoint&) {
    // Never answered: two peers that do not understand each other would go on for ever.
}

template <class M>
void ServerRole::Handle(TimePoint now, Session& session, const M& message, Endpoint& endpoint) {
    Refuse(now, session, endpoint, message.command, MediaErrorCode::kNotSupported);
}

bool ServerRole::HasRoomFor(Session& session) {
    if (!session.served && m_served < m_config.maxSessions) {
        session.served = true;
        ++m_served;
    }
    return session.served;
}

bool ServerRole::IsFull(const Session& session) const {
    if (!session.peer) return false;
    const auto others = std::count_if(m_sessions.begin(), m_sessions.end(), [&](const auto& item) {
        const Session& other = item.second;
        return &other != &session && other.peer == session.peer && other.transfer &&
               !other.transfer->Done();
    });
    return static_cast<std::size_t>(others) >= m_config.maxContentsPerPeer;
}

void ServerRole::TurnAway(TimePoint now, Session& session, const Message& message,
                          Endpoint& endpoint) {
    if (std::holds_alternative<ErrorMessage>(message)) return;
    if (std::holds_alternative<ExitMessage>(message)) {
        return session.channel.Close(now, endpoint, MediaErrorCode::kNone, "exit");
    }
    SayBusy(now, session, CommandOf(message), WaitForAPlace(), endpoint);
}

std::optional<Duration> ServerRole::OverBudget(TimePoint now, Session& session,
                                               const Message& message) {
    std::uint64_t cost = kRequestCost;
    if (const auto* render = std::get_if<RenderMessage>(&message)) {
        cost = kRenderCost + m_store.LeadIn(render->offset);
    } else if (std::holds_alternative<ExitMessage>(message) ||
               std::holds_alternative<ErrorMessage>(message)) {
        return std::nullopt;
    }
    return BudgetOf(session).Take(now, cost);
}

RequestBudget& ServerRole::BudgetOf(Session& session) {
    return session.peer ? m_budgets[*session.peer] : session.budget;
}

/// Of the transfer that ends: what was read ahead of the path.
void ServerRole::ChargeForUnsent(TimePoint now, Session& session, const Endpoint& endpoint) {
    const auto stats = endpoint.StatsOf(session.channel.Connection());
    if (!stats) return;
    const std::uint64_t read = session.transfer->Sent();
    BudgetOf(session).Charge(now, read - std::min(read, Left(session, *stats)));
}

Duration ServerRole::WaitForAPlace() const {
    const auto waiting = static_cast<Duration::rep>(m_sessions.size() - m_served);
    return kBusyRetryAfter + kBusyRetrySpread * waiting;
}

void ServerRole::SayBusy(TimePoint now, Session& session, CommandId command, Duration after,
                         Endpoint& endpoint) {
    ErrorMessage busy = MakeError(command, MediaErrorCode::kBusy);
    // Rounded up: 0 would say that it is of no use.
    busy.retryAfter = MillisecondsOf(TimePoint(after + milliseconds(1)));
    ++m_counters.turnedAway;
    session.channel.Send(now, endpoint, busy);
}

bool ServerRole::MayRead(const std::optional<PeerKey>& peer, const CatalogueEntry& entry) const {
    const PeerRights* rights = m_access.Of(peer);
    return rights && rights->MayRead(entry.name);
}

std::uint64_t ServerRole::UnixTime(TimePoint now) const {
    return MillisecondsOf(now + m_config.unixTimeAtZero);
}

/// Who brings a grant asks in the name of somebody else, so that its own right does not help.
std::optional<EntryVersion> ServerRole::VersionFor(TimePoint now,
                                                   const std::optional<PeerKey>& peer,
                                                   const RenderMessage& request) {
    const auto entry = m_store.Find(request.entry);
    const bool granted = peer && m_access.Of(peer) && !request.grant.empty();
    if (granted) return GrantedVersion(now, *peer, request, entry);
    if (entry && MayRead(peer, *entry)) return request.version;
    return std::nullopt;
}

std::optional<EntryVersion> ServerRole::GrantedVersion(
    TimePoint now, const PeerKey& peer, const RenderMessage& request,
    const std::optional<CatalogueEntry>& entry) const {
    // Also for an entry that does not exist: the time of the answer must not tell it from one that
    // may not be read.
    const auto terms = m_mint ? m_mint->Verify(request.grant, request.entry, peer) : std::nullopt;
    if (!entry || !terms || UnixTime(now) >= terms->expiry) return std::nullopt;
    if (!MayRead(terms->controller, *entry)) return std::nullopt;
    if (terms->version == 0 || request.version == terms->version) return request.version;
    if (request.version != 0) return std::nullopt;
    return terms->version;
}

void ServerRole::Refuse(TimePoint now, Session& session, Endpoint& endpoint, CommandId command,
                        MediaErrorCode code) {
    ++m_counters.errorsSent;
    session.channel.Send(now, endpoint, MakeError(command, code));
}

void ServerRole::Replace(TimePoint now, Session& session, Endpoint& endpoint, Transfer next) {
    if (session.transfer) {
        ChargeForUnsent(now, session, endpoint);
        if (!session.transfer->Done()) ++m_counters.transfersStopped;
        session.transfer->Abandon(endpoint, session.channel.Connection(),
                                  MediaErrorCode::kSuperseded);
    }
    session.transfer.emplace(std::move(next));
    session.counted = session.left = 0;
    session.ticks = 0;
    if (const auto stats = endpoint.StatsOf(session.channel.Connection())) {
        session.base = stats->streamBytesSent;
    }
    m_turns.Begin(session.channel.Connection(), session.peer);
    ++m_counters.transfersBegun;
}

void ServerRole::Pump(TimePoint now, Session& session, Endpoint& endpoint) {
    if (session.transfer->Done()) return;
    MindTurns(now);
    const std::uint64_t most = Allowance(session, endpoint);
    const auto progress = session.transfer->Pump(endpoint, session.channel.Connection(), most);
    Count(session);
    if (!progress) return FailTransfer(now, session, endpoint, progress.error());
    if (*progress == Transfer::Progress::kDone) {
        ++m_counters.transfersCompleted;
        m_turns.End(session.channel.Connection());
    }
    if (*progress != Transfer::Progress::kAwaitingStream) return;
    if (now - session.transfer->Begun() > kStreamPatience) {
        return FailTransfer(now, session, endpoint, MediaErrorCode::kBusy);
    }
    if (!m_retryAt) m_retryAt = now + kStreamRetryInterval;
}

void ServerRole::FailTransfer(TimePoint now, Session& session, Endpoint& endpoint,
                              MediaErrorCode code) {
    ++m_counters.transfersFailed;
    session.transfer->Abandon(endpoint, session.channel.Connection(), code);
    Refuse(now, session, endpoint, session.transfer->Header().command, code);
    EndTransfer(session);
}

void ServerRole::EndTransfer(Session& session) {
    session.transfer.reset();
    m_turns.End(session.channel.Connection());
}

void ServerRole::MindTurns(TimePoint now) {
    if (!m_tickAt && m_turns.Contended()) m_tickAt = now + kTurnTick;
}

std::uint64_t ServerRole::Left(const Session& session, const ConnectionStats& stats) {
    return stats.streamBytesSent - std::min(session.base, stats.streamBytesSent);
}

std::uint64_t ServerRole::Allowance(const Session& session, const Endpoint& endpoint) const {
    constexpr auto kAll = std::numeric_limits<std::uint64_t>::max();
    const ConnectionHandle connection = session.channel.Connection();
    if (!m_turns.Contended() || !session.peer) return kAll;
    if (!m_turns.MayWrite(connection)) return 0;
    const auto holders = m_turns.Holders();
    const bool alone = std::find(holders.begin(), holders.end(), connection) == holders.end();
    const auto stats = endpoint.StatsOf(connection);
    if (alone || !stats) return kAll;
    constexpr std::uint64_t kTicksPerSecond = seconds(1) / kTurnTick;
    const std::uint64_t wanted =
        std::max(kTurnMinimum, stats->deliveryRate * kTurnAhead / kTicksPerSecond);
    const std::uint64_t sent = session.transfer->Sent();
    const std::uint64_t waiting = sent - std::min(sent, Left(session, *stats));
    return wanted - std::min(wanted, waiting);
}

void ServerRole::Tick(TimePoint now, Endpoint& endpoint) {
    m_tickAt.reset();
    for (const ConnectionHandle holder : m_turns.Holders()) {
        Session& session = *Find(holder);
        const auto stats = endpoint.StatsOf(holder);
        const std::uint64_t left = stats ? Left(session, *stats) : 0;
        const bool stalls = std::exchange(session.left, left) == left;
        if (++session.ticks < (stalls ? kStalledTicks : kTurnTicks)) continue;
        session.ticks = 0;
        m_turns.Pass(holder);
    }
    // Also those that ran freely once more, as others have left.
    for (const ConnectionHandle connection : m_turns.Running()) {
        Session* session = Find(connection);
        if (session && session->transfer && m_turns.MayWrite(connection)) {
            Pump(now, *session, endpoint);
        }
    }
    MindTurns(now);
}

void ServerRole::Count(Session& session) {
    const std::uint64_t sent = session.transfer->Sent();
    m_counters.contentBytes += sent - session.counted;
    session.counted = sent;
}

}  // namespace crsp
