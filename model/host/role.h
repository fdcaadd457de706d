// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "model/base/time.h"
#include "model/connection/endpoint.h"

namespace crsp {

/// The application abstraction: server, renderer, controller and client are roles, and are the same
/// code in simulation and deployed (CRSP §1.2).
class Role {
  public:
    virtual ~Role() = default;

    /// Called once before anything else, when the endpoint is ready to be used.
    virtual void OnStart(TimePoint now, Endpoint& endpoint) = 0;
    /// Handles one event of the endpoint. May call any command of `endpoint`.
    virtual void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) = 0;
    /// Runs what is due at `now`. A spurious call is harmless.
    virtual void OnTimeout(TimePoint now, Endpoint& endpoint) = 0;
    virtual std::optional<TimePoint> NextTimeout() const = 0;
    /// Begins an orderly end: closes connections, finishes sinks. Called at most once.
    virtual void OnShutdown(TimePoint now, Endpoint& endpoint) = 0;
};

}  // namespace crsp
