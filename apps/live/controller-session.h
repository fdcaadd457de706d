// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "apps/live/exit-code.h"
#include "apps/live/live-node.h"
#include "model/media/controller-role.h"
#include "model/media/scripted-controller.h"

namespace crsp {

/// How the programs tell of results and notifications, as they come.
struct ControllerListener {
    std::function<void(const CommandResult&)> onResult;
    std::function<void(const Notification&)> onNotification;
};

/// Gives one command, waits for its answer (and, if asked, for the end of what it began), takes
/// leave and stops the node.
class OneCommand {
  public:
    struct Order {
        Verb verb = Verb::kStatus;
        std::string argument;
        std::uint64_t offset = 0;  ///< of play
        bool waitForEnd = false;   ///< of play
    };

    OneCommand(LiveNode& node, ControllerRole& role, Order order, ControllerListener listener);

    /// Gives the command. The node must have been started.
    void Begin();
    /// kFailed if the node stopped before an answer came.
    ExitCode Code() const { return m_code; }
    /// Whether the renderer went away while the end of what it played was awaited.
    bool RendererLost() const { return m_rendererLost; }

  private:
    void AfterTurn();
    void Take(const CommandResult& result);
    void Take(const Notification& notification);
    void Leave();

    LiveNode& m_node;
    ControllerRole& m_role;
    Order m_order;
    ControllerListener m_listener;
    std::optional<Generation> m_awaited;
    ExitCode m_code = ExitCode::kFailed;
    bool m_leaving = false;
    bool m_rendererLost = false;
};

/// Follows a scripted controller: passes on what comes, and stops the node when it has finished.
class ScriptFollower {
  public:
    ScriptFollower(LiveNode& node, const ScriptedController& role, ControllerListener listener);

    /// The first failure among the answers; kFailed if a rendering that the script began has
    /// failed; kTimeout if the limit passed; kUnavailable if RendererLost(); else kOk.
    ExitCode Code() const;
    /// Whether the renderer went away while the end of what it played was awaited.
    bool RendererLost() const;

  private:
    void AfterTurn();
    bool Began(Generation generation) const;

    LiveNode& m_node;
    const ScriptedController& m_role;
    ControllerListener m_listener;
    std::size_t m_results = 0;
    std::size_t m_notifications = 0;
};

}  // namespace crsp
