// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/host/role.h"
#include "model/media/control-channel.h"
#include "model/media/sink.h"

namespace crsp {

class Tracer;

/// A server that a renderer may pull from. Controllers name it; only the renderer's own
/// configuration says where it is.
struct KnownServer {
    std::string name;  ///< at most kMaxNameSize bytes
    SocketAddress address;
};

struct RendererConfig {
    /// The first serves a RENDER that names none.
    std::vector<KnownServer> servers;
    /// Bytes read from the stream and offered to the sink in one step; > 0.
    std::size_t portion = 16 * 1024;
    /// Bytes per second of the timetable; 0 renders as fast as content arrives.
    std::uint64_t renderRate = 0;
    /// From RENDER or RESTART to CONTENTS, connecting included; then kServerUnreachable.
    Duration serverTimeout = seconds(8);
    /// Controllers connected at once; more are closed with kBusy.
    std::size_t maxControllers = 16;
    /// Observer of messages and states; may be null. Must outlive the role.
    Tracer* tracer = nullptr;
};

/// Obeys controllers and pulls what they name from servers, through the same endpoint (CRSP §9.4 to
/// §9.7). Never holds more than one portion itself; what else is on the way is bounded by the
/// transport's credit.
class RendererRole : public Role {
  public:
    /// `sink` must outlive the role.
    RendererRole(RendererConfig config, Sink& sink);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    TransportState State() const;
    Generation CurrentGeneration() const;
    /// Bytes into the entry.
    std::uint64_t Position() const;
    std::size_t ControllerCount() const;
};

}  // namespace crsp
