// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/media-workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tests/sim/swarm/streams-workload.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kFilesPerServer = 2;
constexpr std::uint64_t kMostSteps = 6;
/// No controller waits longer for what plays.
constexpr Duration kControllerLimit = std::chrono::hours(6);
/// A file takes at most about so long to render.
constexpr std::uint64_t kLongestRenderingSeconds = 20;

std::string FileName(std::uint64_t server, std::uint64_t file) {
    return fmt::format("file {} {}", server, file);
}

ScriptStep DrawStep(Random& random, const SwarmPlan& plan, std::uint64_t server, Duration at) {
    constexpr std::array kVerbs = {Verb::kPause,   Verb::kRestart, Verb::kStatus,
                                   Verb::kRestart, Verb::kPlay,    Verb::kList,
                                   Verb::kStop,    Verb::kPause,   Verb::kPause};
    ScriptStep step{.at = at, .verb = kVerbs[random.Below(kVerbs.size())], .argument = {}};
    const auto file = random.Below(kFilesPerServer + (random.Chance(0.1) ? 1 : 0));
    const auto where = random.Chance(0.05) ? plan.servers + 1 : server;
    if (step.verb == Verb::kPlay) step.argument = FileName(where, file);
    return step;
}

Script DrawScript(const SwarmPlan& plan, Random& random, std::uint64_t server) {
    Script script = {{.at = {}, .verb = Verb::kPlay, .argument = FileName(server, 0)}};
    const std::uint64_t steps = random.Below(kMostSteps);
    const Duration pace = plan.safety / static_cast<int>(steps + 1);
    Duration at{};
    for (std::uint64_t i = 0; i < steps; ++i) {
        at += Between(random, {}, pace);
        script.push_back(DrawStep(random, plan, server, at));
        if (script.back().verb != Verb::kPause) continue;
        at += Between(random, {}, pace);
        script.push_back({.at = at, .verb = Verb::kResume, .argument = {}});
    }
    return script;
}

}  // namespace

MediaWorkload::MediaWorkload(const SwarmPlan& plan, Verdict& verdict)
    : m_plan(plan), m_verdict(verdict), m_controllers(plan.controllers) {}

void MediaWorkload::Build(World& world) {
    m_world = &world;
    for (std::size_t node = 0; node < FirstController() + m_plan.controllers; ++node) {
        if (node < FirstRenderer()) FillStore(node);
        world.Add([this, node](std::uint64_t life) -> std::unique_ptr<Role> {
            if (node < FirstRenderer()) return MakeServer(node);
            if (node < FirstController()) return MakeRenderer(node, life);
            return MakeController(node, life);
        });
    }
    ArrangeContentFaults();
}

/// Entries of other servers are added and removed again, so that no two servers share an id.
void MediaWorkload::FillStore(std::uint64_t server) {
    Random random = m_plan.Stream(fmt::format("content {}", server));
    auto store = std::make_unique<MemoryContentStore>();
    for (std::uint64_t i = 0; i < server * kFilesPerServer; ++i) {
        store->Remove(store->AddGenerated("other", 0, 0));
    }
    for (std::uint64_t file = 0; file < kFilesPerServer; ++file) {
        const std::uint64_t key = random.Next();
        const std::uint64_t size = random.Chance(0.05) ? 0 : random.Below(m_plan.maxSize) + 1;
        m_keys[{store->AddGenerated(FileName(server, file), size, key), 1}] = key;
    }
    m_stores.push_back(std::move(store));
}

std::unique_ptr<Role> MediaWorkload::MakeServer(std::size_t node) {
    return std::make_unique<ServerRole>(ServerConfig{}, *m_stores[node]);
}

std::unique_ptr<Role> MediaWorkload::MakeRenderer(std::size_t node, std::uint64_t life) {
    Random random = m_plan.Stream(fmt::format("renderer {} {}", node, life));
    SessionModel::Output output;
    const std::size_t little = 1 + static_cast<std::size_t>(m_plan.maxSize / 100);
    if (m_plan.Has(Fault::kSlowSink)) output.mostAtOnce = little + random.Below(1000);
    const bool fails = m_plan.Has(Fault::kSinkFailure) && random.Chance(0.7);
    if (fails) output.failsAfter = random.Below(m_plan.maxSize);
    m_models[node].push_back(std::make_unique<SessionModel>(
        fmt::format("renderer {} life {}", node, life),
        [this](EntryId entry, EntryVersion version) -> std::optional<std::uint64_t> {
            const auto found = m_keys.find({entry, version});
            if (found == m_keys.end()) return std::nullopt;
            return found->second;
        },
        output, m_verdict));
    SessionModel& model = *m_models[node].back();
    RendererConfig config;
    config.tracer = &model;
    for (std::uint64_t i = 0; i < m_plan.servers; ++i) {
        config.servers.push_back({fmt::format("server {}", i), m_world->TargetOf(i)});
    }
    config.portion = 1 + random.Below(random.Chance(0.3) ? 2000 : 30'000);
    if (random.Chance(0.4)) {
        config.renderRate = m_plan.maxSize / kLongestRenderingSeconds + random.Below(500'000) + 1;
        // A portion is rendered at once: not so seldom that it looks like standing still.
        config.portion = std::min<std::size_t>(config.portion, config.renderRate / 2 + 1);
    }
    auto role = std::make_unique<RendererRole>(std::move(config), model);
    m_renderers[node] = role.get();
    return role;
}

std::unique_ptr<Role> MediaWorkload::MakeController(std::size_t node, std::uint64_t life) {
    Random random = m_plan.Stream(fmt::format("controller {} {}", node, life));
    Controller& self = m_controllers[node - FirstController()];
    const std::uint64_t server = random.Below(m_plan.servers);
    self.renderer = FirstRenderer() + random.Below(m_plan.renderers);
    ScriptedControllerConfig config{.controller = {.server = m_world->TargetOf(server),
                                                   .renderer = m_world->TargetOf(self.renderer),
                                                   .instance = random.Next(),
                                                   .serverName = fmt::format("server {}", server)},
                                    .script = DrawScript(m_plan, random, server),
                                    .limit = kControllerLimit};
    self.steps = config.script.size();
    self.lastStep = config.script.back().at;
    self.startedAt = m_world->Now();
    auto role = std::make_unique<ScriptedController>(std::move(config));
    self.role = role.get();
    return role;
}

void MediaWorkload::ArrangeContentFaults() {
    for (const Fault fault : {Fault::kContentChanged, Fault::kContentRemoved, Fault::kDiskError}) {
        if (m_plan.Has(fault)) ArrangeContentFault(fault);
    }
}

void MediaWorkload::ArrangeContentFault(Fault fault) {
    Random random = m_plan.Stream(kFaultNames[static_cast<std::size_t>(fault)]);
    const std::uint64_t server = random.Below(m_plan.servers);
    const EntryId entry = server * kFilesPerServer + 1 + random.Below(kFilesPerServer);
    const std::uint64_t size = random.Below(m_plan.maxSize) + 1;
    const Duration at = Between(random, {}, m_plan.safety);
    m_world->Net().Events().At(TimePoint{} + at, [this, fault, server, entry, size] {
        MemoryContentStore& store = *m_stores[server];
        const auto entries = store.List(0, kFilesPerServer);
        const bool there = std::any_of(entries.begin(), entries.end(),
                                       [&](const auto& e) { return e.id == entry; });
        if (!there) return;
        m_verdict.Fired(fault);
        if (fault == Fault::kContentChanged) ChangeContent(server, entry, size);
        if (fault == Fault::kContentRemoved) store.Remove(entry);
        if (fault == Fault::kDiskError) store.Break(entry);
    });
}

void MediaWorkload::ChangeContent(std::uint64_t server, EntryId entry, std::uint64_t size) {
    const std::uint64_t key = m_keys.at({entry, 1}) + 1;
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    FillGenerated(key, 0, bytes);
    m_stores[server]->Replace(entry, std::move(bytes));
    m_keys[{entry, 2}] = key;
}

// Liveness.

/// The renderer holds for a pause whose controller went away, or was overtaken by another's.
bool MediaWorkload::WaitsForAnother(const Controller& controller) {
    return m_world->At(controller.renderer).Alive() &&
           m_renderers[controller.renderer]->State() == TransportState::kPaused &&
           m_models[controller.renderer].back()->PauseAcknowledged();
}

bool MediaWorkload::Finished(const Controller& controller) {
    if (controller.role->Finished()) return true;
    const bool answered = controller.role->Results().size() == controller.steps;
    return answered && WaitsForAnother(controller);
}

std::vector<Errand> MediaWorkload::Errands() {
    std::vector<Errand> errands;
    for (std::size_t i = 0; i < m_controllers.size(); ++i) {
        const Controller& controller = m_controllers[i];
        Errand errand{.name = fmt::format("controller {}", FirstController() + i)};
        errand.done = !m_world->At(FirstController() + i).Alive() || Finished(controller);
        errand.progress = (controller.role->Results().size() << 40) +
                          (controller.role->Notifications().size() << 32);
        for (const auto& model : m_models[controller.renderer]) {
            errand.progress += model->Rendered();
        }
        const Duration lived = m_world->Now() - controller.startedAt;
        if (lived < controller.lastStep) {
            errand.progress += static_cast<std::uint64_t>(lived.count()) << 8;
        }
        errands.push_back(std::move(errand));
    }
    return errands;
}

std::vector<std::size_t> MediaWorkload::Movers() const {
    // Only one side of a connection moves: two that lose each other at once cannot meet again.
    Random random = m_plan.Stream("movers");
    std::vector<std::size_t> movers;
    const bool renderers = random.Chance(0.5);
    const std::size_t first = renderers ? FirstRenderer() : FirstController();
    const std::size_t count = renderers ? m_plan.renderers : m_plan.controllers;
    for (std::size_t i = 0; i < count; ++i) movers.push_back(first + i);
    return movers;
}

void MediaWorkload::Close() {
    for (std::size_t node = 0; node < m_world->Size(); ++node) {
        if (m_world->At(node).Alive()) m_world->At(node).GetDriver().Shutdown();
    }
}

// What the controllers were told.

void MediaWorkload::Check() {
    if (!m_verdict.Ok()) return;
    for (std::size_t i = 0; i < m_controllers.size(); ++i) {
        const Controller& controller = m_controllers[i];
        const std::string who = fmt::format("controller {}", FirstController() + i);
        if (!m_world->At(FirstController() + i).Alive()) continue;
        if (controller.role->Results().size() != controller.steps) {
            m_verdict.Fail(fmt::format("{}: {} answers to {} commands", who,
                                       controller.role->Results().size(), controller.steps));
        }
        for (const CommandResult& result : controller.role->Results()) {
            CheckResult(who, controller, result);
        }
        for (const Notification& n : controller.role->Notifications()) {
            if (n.kind != Notification::Kind::kEnded || n.reason != EndReason::kFailed) continue;
            m_verdict.Reached(Moment::kRenderFailed);
            if (HasCause(n.code)) continue;
            m_verdict.Fail(
                fmt::format("{}: a rendering failed without a cause: {}", who, ToString(n.code)));
        }
    }
}

/// Whether a fault of the plan can make a rendering fail with `code`.
bool MediaWorkload::HasCause(MediaErrorCode code) const {
    switch (code) {
        case MediaErrorCode::kVersionChanged:
            return m_plan.Has(Fault::kContentChanged);
        case MediaErrorCode::kNoSuchEntry:
            return m_plan.Has(Fault::kContentRemoved);
        case MediaErrorCode::kReadFailed:
            return m_plan.Has(Fault::kDiskError);
        case MediaErrorCode::kSinkFailed:
            return m_plan.Has(Fault::kSinkFailure);
        case MediaErrorCode::kServerUnreachable:
        case MediaErrorCode::kTimeout:
            return true;
        case MediaErrorCode::kBusy:
            return m_plan.Has(Fault::kFewStreams);
        default:
            return false;
    }
}

void MediaWorkload::CheckResult(const std::string& who, const Controller& controller,
                                const CommandResult& result) {
    if (!result.Ok()) {
        m_verdict.Reached(Moment::kCommandRefused);
        if (*result.error == MediaErrorCode::kNone)
            m_verdict.Fail(who + ": an error without a number");
        return;
    }
    const auto& models = m_models.at(controller.renderer);
    const bool clocksAgree = !m_plan.Has(Fault::kClockJump);
    const bool explained = std::any_of(models.begin(), models.end(), [&](const auto& model) {
        return model->Explains(result, clocksAgree);
    });
    if (explained) return;
    m_verdict.Fail(fmt::format("{}: {} is ok at generation {} position {}, which never was", who,
                               ToString(result.verb), result.generation, result.position));
}

std::unique_ptr<Workload> MakeWorkload(const SwarmPlan& plan, Verdict& verdict) {
    if (plan.workload == WorkloadKind::kMedia) {
        return std::make_unique<MediaWorkload>(plan, verdict);
    }
    return std::make_unique<StreamsWorkload>(plan, verdict);
}

}  // namespace crsp::sim
