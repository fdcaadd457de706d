// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/socket-address.h"
#include "model/base/time.h"
#include "scenarios/original/message.h"

namespace crsp::original {

/// Where the original's parties listen: one port of the server, two of the renderer.
inline constexpr std::uint16_t kServerPort = 59001;
inline constexpr std::uint16_t kRendererControlPort = 59002;
inline constexpr std::uint16_t kRendererContentsPort = 59003;

/// Between one portion of an answer and the next.
inline constexpr Duration kPortionInterval = milliseconds(500);

/// A datagram to send.
struct Outgoing {
    std::size_t port = 0;  ///< position of the party's own port that it leaves from
    SocketAddress to;
    std::string bytes;
};

/// Server, renderer or controller as a state machine, the same in ns-3 and over loopback. After
/// each call the host sends what TakeOutgoing() gives, and comes back at NextTimeout().
class Party {
  public:
    virtual ~Party() = default;

    /// UDP ports that it needs.
    virtual std::size_t Ports() const { return 1; }
    virtual void OnStart(TimePoint) {}
    virtual void OnTimeout(TimePoint) {}
    virtual std::optional<TimePoint> NextTimeout() const { return std::nullopt; }
    /// Whether it has ended, as EXIT or its script told it.
    virtual bool Finished() const = 0;

    /// A datagram has come to its port of that position. What is no message, or no message for this
    /// party, is counted and changes nothing else.
    void OnDatagram(TimePoint now, std::size_t port, const SocketAddress& from,
                    ConstByteSpan bytes);
    std::vector<Outgoing> TakeOutgoing() { return std::exchange(m_outgoing, {}); }

    std::uint64_t Refused() const { return m_refused; }
    /// Why the last one of those was refused.
    const std::string& LastRefusal() const { return m_lastRefusal; }

  protected:
    /// An error is one sentence that says why the message was refused.
    virtual Expected<void, std::string> OnMessage(TimePoint now, std::size_t port,
                                                  const SocketAddress& from,
                                                  const Message& message) = 0;
    void Send(std::size_t port, const SocketAddress& to, const Message& message);
    /// For a role to which `message` is not addressed.
    static Unexpected<std::string> Unwanted(const Message& message);

  private:
    std::vector<Outgoing> m_outgoing;
    std::uint64_t m_refused = 0;
    std::string m_lastRefusal;
};

}  // namespace crsp::original
