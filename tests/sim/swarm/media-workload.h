// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>

#include "model/media/memory-content-store.h"
#include "model/media/renderer-role.h"
#include "model/media/scripted-controller.h"
#include "model/media/server-role.h"
#include "tests/sim/swarm/session-model.h"
#include "tests/sim/swarm/workload.h"

namespace crsp::sim {

/// Servers, renderers, and controllers with a script each.
class MediaWorkload : public Workload {
  public:
    MediaWorkload(const SwarmPlan& plan, Verdict& verdict);

    void Build(World& world) override;
    std::vector<Errand> Errands() override;
    std::vector<std::size_t> Movers() const override;
    bool IsDialled(std::size_t node) const override { return node < FirstController(); }
    void Close() override;
    void Check() override;

  private:
    struct Controller {
        ScriptedController* role = nullptr;
        std::size_t renderer = 0;  ///< node
        std::size_t steps = 0;
        Duration lastStep{};
        TimePoint startedAt{};  ///< of its life, by the network's clock
    };

    std::size_t FirstRenderer() const { return m_plan.servers; }
    std::size_t FirstController() const { return m_plan.servers + m_plan.renderers; }
    std::unique_ptr<Role> MakeServer(std::size_t node);
    std::unique_ptr<Role> MakeRenderer(std::size_t node, std::uint64_t life);
    std::unique_ptr<Role> MakeController(std::size_t node, std::uint64_t life);
    void FillStore(std::uint64_t server);
    void ArrangeContentFaults();
    void ArrangeContentFault(Fault fault);
    void ChangeContent(std::uint64_t server, EntryId entry, std::uint64_t size);
    bool WaitsForAnother(const Controller& controller);
    bool Finished(const Controller& controller);
    bool HasCause(MediaErrorCode code) const;
    void CheckResult(const std::string& who, const Controller& controller,
                     const CommandResult& result);

    const SwarmPlan& m_plan;
    Verdict& m_verdict;
    World* m_world = nullptr;
    std::vector<std::unique_ptr<MemoryContentStore>> m_stores;
    /// Keys of every version of every entry; ids differ from server to server.
    std::map<std::pair<EntryId, EntryVersion>, std::uint64_t> m_keys;
    std::map<std::size_t, std::vector<std::unique_ptr<SessionModel>>> m_models;  ///< of all lives
    std::map<std::size_t, RendererRole*> m_renderers;
    std::vector<Controller> m_controllers;
};

}  // namespace crsp::sim
