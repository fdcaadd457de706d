// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "model/impair/impairment-config.h"
#include "model/media/catalogue.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/toml-overrides.h"
#include "scenarios/lab/toml-table.h"

namespace crsp::lab {
namespace {

/// One portion of contents: the least that a renderer without a buffer takes at once.
constexpr std::uint64_t kMinWindow = 1024;

constexpr std::uint64_t kMaxContentBytes = std::uint64_t{4} << 30;
constexpr std::int64_t kMaxBlackouts = 1000;
constexpr std::string_view kNameKey = "scenario.name";
constexpr Duration kDefaultWallLimit = seconds(600);

template <class T, class Parse>
void ReadUnit(TomlTable& table, std::string_view key, T& target, Parse parse) {
    if (table.Has(key)) target = table.Unit(key, parse);
}

Blackout ReadBlackout(TomlTable table) {
    Blackout blackout;
    blackout.at = table.Unit("at", ParseDuration);
    blackout.length = table.Unit("for", ParseDuration);
    if (table.Has("every")) blackout.every = table.Unit("every", ParseDuration);
    if (blackout.length <= Duration::zero()) table.Refuse("for", "expected a time above 0");
    if (blackout.every && *blackout.every <= blackout.length) {
        table.Refuse("every", "expected a period longer than the blackout itself");
    }
    table.Finish();
    return blackout;
}

void ReadLossKeys(TomlTable& table, LinkSpec& link) {
    ReadUnit(table, "loss", link.loss, ParseShare);
    if (table.Has("loss-burst")) link.lossBurst = table.Number("loss-burst", 1, 1000);
    ReadUnit(table, "duplicate", link.duplicate, ParseShare);
    ReadUnit(table, "corrupt", link.corrupt, ParseShare);
    if (link.loss >= 1) table.Refuse("loss", "expected less than 100 %; see blackout");
    if (link.lossBurst > 1 && !GilbertFromMean(link.loss, link.lossBurst)) {
        table.Refuse("loss-burst", "expected longer bursts for so much loss");
    }
}

void ReadLinkKeys(TomlTable& table, LinkSpec& link) {
    ReadUnit(table, "rate", link.rate, ParseRate);
    ReadUnit(table, "delay", link.delay, ParseDuration);
    ReadUnit(table, "queue", link.queue, ParseQueue);
    ReadUnit(table, "jitter", link.jitter, ParseDuration);
    if (table.Has("reorder")) link.reorder = table.Flag("reorder");
    if (link.jitter > link.delay) table.Refuse("jitter", "expected at most the delay");
    ReadLossKeys(table, link);
    const auto blackouts = table.Tables("blackout");
    if (!blackouts.empty()) link.blackouts.clear();
    for (const TomlTable& blackout : blackouts) link.blackouts.push_back(ReadBlackout(blackout));
}

void ReadDirection(TomlTable& table, std::string_view key, LinkSpec& link) {
    if (!table.Has(key)) return;
    TomlTable direction = table.Table(key);
    ReadLinkKeys(direction, link);
    direction.Finish();
}

void ReadLink(TomlTable table, SharedLink& link) {
    ReadLinkKeys(table, link.down);
    link.up = link.down;
    ReadDirection(table, "down", link.down);
    ReadDirection(table, "up", link.up);
    table.Finish();
}

void ReadAccess(TomlTable table, AccessSpec& access) {
    ReadUnit(table, "rate", access.rate, ParseRate);
    ReadUnit(table, "delay", access.delay, ParseDuration);
    table.Finish();
}

void ReadNodes(TomlTable table, NodesSpec& nodes) {
    if (table.Has("controller")) {
        const bool far = table.Choice("controller", {"client-side", "server-side"}) == 1;
        nodes.controller = far ? PathSide::kServer : PathSide::kClient;
    }
    table.Finish();
}

TrafficSpec ReadTraffic(TomlTable table) {
    TrafficSpec traffic;
    const bool cubic = table.Choice("kind", {"tcp-newreno", "tcp-cubic"}) == 1;
    traffic.variant = cubic ? TcpVariant::kCubic : TcpVariant::kNewReno;
    if (table.Has("direction")) traffic.down = table.Choice("direction", {"down", "up"}) == 0;
    ReadUnit(table, "start", traffic.start, ParseDuration);
    if (table.Has("stop")) traffic.stop = table.Unit("stop", ParseDuration);
    if (traffic.stop && *traffic.stop <= traffic.start) {
        table.Refuse("stop", "expected a time after start");
    }
    table.Finish();
    return traffic;
}

/// Content travels with the scenario, so that a scenario cannot read what it was not given.
void FindContentFile(TomlTable& table, const std::filesystem::path& folder, ContentSpec& content) {
    const std::filesystem::path relative = table.Text("file");
    const bool inside =
        relative.is_relative() && std::none_of(relative.begin(), relative.end(),
                                               [](const auto& part) { return part == ".."; });
    if (!inside) table.Refuse("file", "expected a path below the scenario's folder");
    std::error_code error;
    content.file = (folder / relative).string();
    content.size = std::filesystem::file_size(content.file, error);
    if (error) {
        table.Refuse("file", fmt::format("expected a readable file, but {}: {}", content.file,
                                         error.message()));
    }
}

ContentSpec ReadContent(TomlTable table, const std::filesystem::path& folder) {
    ContentSpec content;
    content.name = table.Text("name");
    if (content.name.find('/') != std::string::npos || content.name.front() == '.' ||
        content.name.size() > kMaxNameSize) {
        table.Refuse("name", "expected at most 255 bytes without '/' and not beginning with '.'");
    }
    if (table.Has("file") == table.Has("size")) {
        table.Refuse("", "expected either file or size");
    }
    if (table.Has("file")) FindContentFile(table, folder, content);
    if (table.Has("size")) content.size = table.Unit("size", ParseSize);
    if (content.size > kMaxContentBytes) table.Refuse("size", "expected at most 4 GiB");
    table.Finish();
    return content;
}

std::size_t ReadBytes(TomlTable& table, std::string_view key, std::uint64_t min) {
    const std::uint64_t bytes = table.Unit(key, ParseSize);
    if (bytes < min) table.Refuse(key, fmt::format("expected at least {} B", min));
    return bytes;
}

void ReadCongestion(TomlTable& table, TransportConfig& config) {
    if (table.Has("congestion")) {
        const auto names = CongestionAlgorithmNames();
        config.congestion = static_cast<CongestionAlgorithm>(
            table.Choice("congestion", {names.begin(), names.end()}));
    }
    if (table.Has("ecn")) config.ecn = table.Flag("ecn");
    const bool fixed = config.congestion == CongestionAlgorithm::kFixedRate;
    if (table.Has("fixed-rate") && !fixed) {
        table.Refuse("fixed-rate", "expected congestion = \"fixed_rate\" beside it");
    }
    if (!fixed) return;
    const double rate = table.Unit("fixed-rate", ParseRate);
    if (rate > kMaxFixedRate) table.Refuse("fixed-rate", "expected at most 1000 Gbit/s");
    config.fixedRate = static_cast<std::uint64_t>(rate);
}

/// A size that is fixed if it is given; with `max-` in front of its key it grows up to that.
template <class Size>
void ReadWindow(TomlTable& table, const std::string& key, Size& size, Size& maximum) {
    const std::string maxKey = "max-" + key;
    if (table.Has(key)) size = maximum = ReadBytes(table, key, kMinWindow);
    if (!table.Has(maxKey)) return;
    maximum = ReadBytes(table, maxKey, kMinWindow);
    if (table.Has(key) && maximum < size) {
        table.Refuse(maxKey, fmt::format("expected at least {}", key));
    }
    size = std::min(size, maximum);
}

void ReadTransport(TomlTable table, TransportConfig& config) {
    if (table.Has("max-datagram-size")) {
        config.maxDatagramSize = ReadBytes(table, "max-datagram-size", kMinDatagramSize);
        if (config.maxDatagramSize > kMaxDatagramSize) {
            table.Refuse("max-datagram-size",
                         fmt::format("expected at most {} B", kMaxDatagramSize));
        }
    }
    ReadWindow(table, "stream-receive-window", config.streamReceiveWindow,
               config.maxStreamReceiveWindow);
    ReadWindow(table, "connection-receive-window", config.connectionReceiveWindow,
               config.maxConnectionReceiveWindow);
    ReadWindow(table, "stream-send-buffer", config.streamSendBuffer, config.maxStreamSendBuffer);
    ReadUnit(table, "idle-timeout", config.idleTimeout, ParseDuration);
    ReadUnit(table, "keep-alive", config.keepAlive, ParseDuration);
    ReadUnit(table, "handshake-timeout", config.handshakeTimeout, ParseDuration);
    ReadUnit(table, "max-ack-delay", config.maxAckDelay, ParseDuration);
    ReadCongestion(table, config);
    table.Finish();
}

bool Holds(const Scenario& scenario, const std::string& entry) {
    return std::any_of(scenario.content.begin(), scenario.content.end(),
                       [&](const ContentSpec& content) { return content.name == entry; });
}

ScriptStep ReadStep(TomlTable table, const Scenario& scenario) {
    ScriptStep step;
    step.at = table.Unit("at", ParseDuration);
    step.verb = static_cast<Verb>(
        table.Choice("do", {"list", "play", "pause", "resume", "restart", "stop", "status"}));
    if (step.verb == Verb::kPlay) {
        step.argument = table.Text("entry");
        if (!Holds(scenario, step.argument)) {
            table.Refuse(
                "entry",
                fmt::format("expected the name of a [[content]] entry, got \"{}\"", step.argument));
        }
    }
    table.Finish();
    return step;
}

void ReadScript(TomlTable& root, Scenario& scenario) {
    const auto steps = root.Tables("script");
    if (steps.empty()) root.Refuse("script", "expected at least one [[script]] step");
    if (steps.size() > kMaxScriptSteps) root.Refuse("script", "expected at most 10000 steps");
    for (const TomlTable& table : steps) {
        const ScriptStep step = ReadStep(table, scenario);
        if (!scenario.script.empty() && step.at < scenario.script.back().at) {
            table.Refuse("at", "expected a time not before the step above");
        }
        if (step.at >= scenario.stop) table.Refuse("at", "expected a time before scenario.stop");
        scenario.script.push_back(step);
    }
}

Expectation ReadExpectation(TomlTable table, const std::string& metric) {
    constexpr double kLimit = 1e15;
    Expectation expectation{metric, std::nullopt, std::nullopt};
    if (table.Has("min")) expectation.min = table.Number("min", -kLimit, kLimit);
    if (table.Has("max")) expectation.max = table.Number("max", -kLimit, kLimit);
    if (!expectation.min && !expectation.max) table.Refuse("", "expected min, max or both");
    table.Finish();
    return expectation;
}

void ReadExpect(TomlTable table, Scenario& scenario) {
    if (table.Has("completes")) scenario.completes = table.Flag("completes");
    for (const MetricName& metric : kMetricNames) {
        if (!table.Has(metric.name)) continue;
        const TomlTable bounds = table.Table(metric.name);
        scenario.expectations.push_back(ReadExpectation(bounds, std::string(metric.name)));
    }
    table.Finish();
}

/// Results go where the name says: no scenario may write among those of another file.
void CheckNameIsStem(const TomlTable& table, const Scenario& scenario) {
    const auto stem = std::filesystem::path(scenario.file).stem().string();
    if (scenario.name == stem) return;
    table.Refuse("name", fmt::format("expected \"{}\", the name of the file without its ending, "
                                     "got \"{}\"",
                                     stem, scenario.name));
}

void ReadHead(TomlTable table, Scenario& scenario) {
    scenario.name = table.Text("name");
    const bool plain = scenario.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") ==
                       std::string::npos;
    if (!plain || scenario.name.size() > 64 || scenario.name.front() == '.') {
        table.Refuse("name", "expected at most 64 of a-z, 0-9, '-' and '.'");
    }
    CheckNameIsStem(table, scenario);
    scenario.description = table.Text("description");
    scenario.source = table.Text("source");
    scenario.stop = table.Unit("stop", ParseDuration);
    if (scenario.stop <= Duration::zero()) table.Refuse("stop", "expected a time above 0");
    scenario.wallLimit = kDefaultWallLimit;
    ReadUnit(table, "wall-limit", scenario.wallLimit, ParseDuration);
    table.Finish();
}

void ReadContents(TomlTable& root, Scenario& scenario) {
    const auto folder = std::filesystem::path(scenario.file).parent_path();
    for (const TomlTable& table : root.Tables("content")) {
        ContentSpec content = ReadContent(table, folder);
        if (Holds(scenario, content.name)) table.Refuse("name", "expected a name not used above");
        scenario.content.push_back(std::move(content));
    }
    if (scenario.content.empty()) root.Refuse("content", "expected at least one [[content]]");
}

/// Each blackout is written out, in the simulation and on the relay's command line.
void CheckBlackouts(TomlTable& root, const Scenario& scenario) {
    for (const LinkSpec* link : {&scenario.link.down, &scenario.link.up}) {
        for (const Blackout& blackout : link->blackouts) {
            if (!blackout.every || scenario.stop / *blackout.every <= kMaxBlackouts) continue;
            root.Refuse("link", fmt::format("expected at most {} blackouts before scenario.stop",
                                            kMaxBlackouts));
        }
    }
}

Scenario Read(const toml::table& document, const TomlOrigin& origin) {
    Scenario scenario;
    scenario.file = origin.file;
    TomlTable root(document, "", origin);
    ReadHead(root.Table("scenario"), scenario);
    ReadLink(root.Table("link"), scenario.link);
    CheckBlackouts(root, scenario);
    if (root.Has("access")) ReadAccess(root.Table("access"), scenario.access);
    if (root.Has("nodes")) ReadNodes(root.Table("nodes"), scenario.nodes);
    if (root.Has("transport")) ReadTransport(root.Table("transport"), scenario.transport);
    for (const TomlTable& table : root.Tables("traffic")) {
        scenario.traffic.push_back(ReadTraffic(table));
    }
    ReadContents(root, scenario);
    ReadScript(root, scenario);
    if (root.Has("expect")) ReadExpect(root.Table("expect"), scenario);
    root.Finish();
    return scenario;
}

std::string Canonical(const toml::table& document) {
    std::ostringstream text;
    text << toml::json_formatter{document};
    return text.str();
}

/// The message may hold what the file says, and ends on a terminal.
Unexpected<ScenarioError> BadData(const std::string& message) {
    return Fail(ScenarioError{ScenarioError::Kind::kBadData, PrintableName(message)});
}

Expected<std::string, ScenarioError> Load(const std::string& path) {
    std::error_code error;
    const bool regular = std::filesystem::is_regular_file(path, error);
    std::ifstream stream(path, std::ios::binary);
    if (!regular || !stream) {
        return Fail(
            ScenarioError{ScenarioError::Kind::kNoFile,
                          fmt::format("{}: cannot be read: expected a scenario file", path)});
    }
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace

Expected<Scenario, ScenarioError> ReadScenario(const std::string& path,
                                               const std::vector<std::string>& overrides) {
    const auto text = Load(path);
    if (!text) return Fail(text.error());
    TomlOrigin origin{path, {}};
    try {
        toml::table document = toml::parse(*text, path);
        for (const std::string& assignment : overrides) {
            const auto key = ApplyOverride(document, assignment);
            if (key == kNameKey) {
                return BadData(
                    fmt::format("--set {}: cannot be set, expected another key: the "
                                "name is that of the file",
                                key));
            }
            origin.overridden.insert(key);
        }
        Scenario scenario = Read(document, origin);
        scenario.canonical = Canonical(document);
        return scenario;
    } catch (const toml::parse_error& error) {
        return BadData(fmt::format("{}:{}: not TOML: {}", path, error.source().begin.line,
                                   error.description()));
    } catch (const TomlRefusal& refusal) {
        return BadData(refusal.message);
    }
}

}  // namespace crsp::lab
