// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/server-role.h"

#include <algorithm>
#include <utility>

namespace crsp {
namespace {

/// How often a transfer asks again for a stream that the peer has not yet granted...
constexpr Duration kStreamRetryInterval = milliseconds(50);
/// ...and for how long.
constexpr Duration kStreamPatience = seconds(5);

std::size_t PageSize(std::uint64_t count) {
    const bool asManyAsFit = count == 0 || count > kMaxEntriesPerListing;
    return asManyAsFit ? kMaxEntriesPerListing : static_cast<std::size_t>(count);
}

ContentsMessage HeaderFor(const RenderMessage& request, const CatalogueEntry& entry) {
    return {request.command, request.generation, entry.id,
            entry.version,   request.offset,     entry.size};
}

}  // namespace

ServerRole::ServerRole(ServerConfig config, ContentStore& store)
    : m_config(config), m_store(store) {}

void ServerRole::OnStart(TimePoint, Endpoint&) {}

void ServerRole::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    std::visit([&](const auto& e) { On(now, e, endpoint); }, event);
}

void ServerRole::OnTimeout(TimePoint now, Endpoint& endpoint) {
    if (!m_retryAt || now < *m_retryAt) return;
    m_retryAt.reset();
    for (auto& [connection, session] : m_sessions) {
        if (session.transfer && !session.transfer->Stream()) Pump(now, session, endpoint);
    }
}

std::optional<TimePoint> ServerRole::NextTimeout() const {
    return m_retryAt;
}

void ServerRole::OnShutdown(TimePoint now, Endpoint& endpoint) {
    for (auto& [connection, session] : m_sessions) {
        session.channel.Close(now, endpoint, MediaErrorCode::kNone, "server ends");
    }
}

void ServerRole::SetAccess(TimePoint, Endpoint&, AccessList access) {
    m_access = std::move(access);
}

ServerRole::Session* ServerRole::Find(ConnectionHandle connection) {
    const auto at = m_sessions.find(connection);
    return at == m_sessions.end() ? nullptr : &at->second;
}

void ServerRole::On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint) {
    if (m_sessions.size() >= m_config.maxSessions) {
        const auto code = static_cast<std::uint64_t>(MediaErrorCode::kBusy);
        (void)endpoint.Close(now, event.connection, code, "too many sessions");
        return;
    }
    m_sessions.try_emplace(event.connection, event.connection, m_config.tracer);
    ++m_counters.sessions;
}

void ServerRole::On(TimePoint, const ClosedEvent& event, Endpoint&) {
    Session* session = Find(event.connection);
    if (!session) return;
    if (session->transfer && !session->transfer->Done()) ++m_counters.transfersFailed;
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
        std::visit([&](const auto& m) { Handle(now, *session, m, endpoint); }, *message);
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

void ServerRole::On(TimePoint, const StreamStoppedEvent& event, Endpoint&) {
    Session* session = Find(event.connection);
    if (!session || !session->transfer || session->transfer->Stream() != event.stream) return;
    if (!session->transfer->Done()) ++m_counters.transfersStopped;
    session->transfer.reset();
}

void ServerRole::Handle(TimePoint now, Session& session, const ListMessage& message,
                        Endpoint& endpoint) {
    ListingMessage listing;
    listing.command = message.command;
    listing.total = m_store.Count();
    listing.changeCounter = m_store.ChangeCounter();
    listing.start = std::min(message.start, listing.total);
    listing.entries =
        m_store.List(static_cast<std::size_t>(listing.start), PageSize(message.count));
    for (CatalogueEntry& entry : listing.entries) {
        entry.name.resize(std::min(entry.name.size(), kMaxNameSize));
    }
    ++m_counters.listings;
    session.channel.Send(now, endpoint, listing);
}

void ServerRole::Handle(TimePoint now, Session& session, const RenderMessage& message,
                        Endpoint& endpoint) {
    if (session.transfer && message.generation < session.transfer->Header().generation) {
        return Refuse(now, session, endpoint, message.command, MediaErrorCode::kStaleGeneration);
    }
    auto reader = m_store.Open(message.entry, message.version);
    if (!reader) return Refuse(now, session, endpoint, message.command, reader.error());
    const ContentsMessage header = HeaderFor(message, (*reader)->Entry());
    if (header.offset > header.size) {
        return Refuse(now, session, endpoint, message.command, MediaErrorCode::kOffsetOutOfRange);
    }
    Replace(session, endpoint, Transfer(header, std::move(*reader), now));
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

void ServerRole::Refuse(TimePoint now, Session& session, Endpoint& endpoint, CommandId command,
                        MediaErrorCode code) {
    ++m_counters.errorsSent;
    session.channel.Send(now, endpoint, MakeError(command, code));
}

void ServerRole::Replace(Session& session, Endpoint& endpoint, Transfer next) {
    if (session.transfer) {
        if (!session.transfer->Done()) ++m_counters.transfersStopped;
        session.transfer->Abandon(endpoint, session.channel.Connection(),
                                  MediaErrorCode::kSuperseded);
    }
    session.transfer.emplace(std::move(next));
    session.counted = 0;
    ++m_counters.transfersBegun;
}

void ServerRole::Pump(TimePoint now, Session& session, Endpoint& endpoint) {
    if (session.transfer->Done()) return;
    const auto progress = session.transfer->Pump(endpoint, session.channel.Connection());
    Count(session);
    if (!progress) return FailTransfer(now, session, endpoint, progress.error());
    if (*progress == Transfer::Progress::kDone) ++m_counters.transfersCompleted;
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
    session.transfer.reset();
}

void ServerRole::Count(Session& session) {
    const std::uint64_t sent = session.transfer->Sent();
    m_counters.contentBytes += sent - session.counted;
    session.counted = sent;
}

}  // namespace crsp
