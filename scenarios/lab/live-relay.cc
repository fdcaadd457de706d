// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/live-relay.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "scenarios/lab/link-impairment.h"

namespace crsp::lab {
namespace {

LinkSpec WholePath(LinkSpec link, const AccessSpec& access) {
    link.queue = {QueueBytes(link, access), 0};
    link.delay += access.delay;
    return link;
}

/// Appends options of one direction; `prefix` is `up-` (toward the target) or `down-`.
class Options {
  public:
    Options(std::vector<std::string>& arguments, std::string prefix)
        : m_arguments(arguments), m_prefix(std::move(prefix)) {}

    void Add(const std::string& name, std::string value) {
        m_arguments.push_back("--" + m_prefix + name);
        m_arguments.push_back(std::move(value));
    }
    void AddShare(const std::string& name, double share) {
        if (share > 0) Add(name, fmt::format("{}", share));
    }
    void AddFlag(const std::string& name) { m_arguments.push_back("--" + m_prefix + name); }

  private:
    std::vector<std::string>& m_arguments;
    std::string m_prefix;
};

void AddLoss(Options& options, const LinkSpec& link) {
    if (link.lossBurst <= 1) return options.AddShare("loss", link.loss);
    if (link.loss > 0) options.Add("ge", fmt::format("{},{}", link.loss, link.lossBurst));
}

void AddDirection(Options options, const LinkSpec& link, const RelayPath& path) {
    options.Add("rate", fmt::format("{:.0f}bit", link.rate));
    options.Add("queue", std::to_string(QueueBytes(link, path.access)));
    options.Add("delay", fmt::format("{}ns", link.delay.count()));
    AddLoss(options, link);
    if (link.jitter > Duration::zero()) {
        options.Add("jitter", fmt::format("{}ns", link.jitter.count()));
        if (!link.reorder) options.AddFlag("keep-order");
    }
    options.AddShare("duplicate", link.duplicate);
    options.AddShare("corrupt", link.corrupt);
    for (const Interval& interval : BlackoutIntervals(link, path.until)) {
        options.Add("blackout",
                    fmt::format("{}ns-{}ns", interval.begin.count(), interval.end.count()));
    }
}

LossCount LossOf(const nlohmann::json& direction) {
    const auto lost = direction.value("dropped_loss", std::uint64_t{0});
    return {direction.value("delivered", std::uint64_t{0}) + lost, lost};
}

}  // namespace

RelayPath TowardServer(const Scenario& scenario, const std::string& server) {
    return {server,
            WholePath(scenario.link.up, scenario.access),
            WholePath(scenario.link.down, scenario.access),
            scenario.access,
            scenario.stop,
            scenario.nat ? scenario.nat->every : Duration::zero()};
}

RelayPath TowardRenderer(const Scenario& scenario, const std::string& renderer) {
    RelayPath path = TowardServer(scenario, renderer);
    std::swap(path.toTarget, path.fromTarget);
    path.rebind = Duration::zero();  // the renderer does not begin the conversation
    return path;
}

RelayPath WithinClientSide(const Scenario& scenario, const std::string& renderer) {
    LinkSpec clean;
    clean.rate = scenario.access.rate;
    clean.delay = 2 * scenario.access.delay;
    return {renderer, clean, clean, scenario.access, scenario.stop, {}};
}

std::vector<std::string> RelayArguments(const std::string& programs, const RelayPath& path,
                                        std::uint64_t seed, const std::string& statsFile) {
    std::vector<std::string> arguments{
        programs + "/crsp-relay", "--listen", "127.0.0.1:0", "--to", path.target, "--seed",
        std::to_string(seed),     "--stats",  statsFile};
    if (path.rebind > Duration::zero()) {
        arguments.insert(arguments.end(), {"--rebind", fmt::format("{}ns", path.rebind.count())});
    }
    AddDirection(Options(arguments, "up-"), path.toTarget, path);
    AddDirection(Options(arguments, "down-"), path.fromTarget, path);
    return arguments;
}

void ReadRelayLoss(const std::string& path, RunRecord& record) {
    std::ifstream stream(path);
    const auto json = nlohmann::json::parse(stream, nullptr, false);
    if (!json.is_object() || !json.contains("/links/0/down"_json_pointer)) return;
    record.down = LossOf(json["links"][0]["down"]);
    record.up = LossOf(json["links"][0]["up"]);
}

}  // namespace crsp::lab
