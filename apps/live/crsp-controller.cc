// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/cli/standard-output.h"
#include "apps/live/controller-report.h"
#include "apps/live/controller-session.h"
#include "apps/live/key-file.h"
#include "apps/live/log.h"
#include "apps/live/node-cli.h"
#include "apps/live/node-runner.h"
#include "apps/live/silence.h"
#include "apps/live/stats-json.h"
#include "model/media/script.h"

namespace crsp {
namespace {

constexpr std::string_view kProgram = "crsp-controller";
constexpr std::string_view kAnyIpv4 = "0.0.0.0:0";
constexpr std::string_view kAnyIpv6 = "[::]:0";
constexpr Duration kMaxTimeout = std::chrono::hours(1);
constexpr std::size_t kMaxScriptBytes = std::size_t{1} << 20;

struct Options {
    NodeOptions node;
    std::string server = fmt::format("127.0.0.1:{}", kServerPort);
    std::string renderer = fmt::format("127.0.0.1:{}", kRendererPort);
    std::string serverName;
    std::optional<Duration> timeout;
    std::optional<Duration> limit;
    bool json = false;
    bool noWait = false;
    std::optional<std::uint64_t> offset;
    OneCommand::Order order;
    std::string scriptFile;
};

void DeclareVerb(CLI::App& app, Options& options, Verb verb, const std::string& help) {
    auto* sub = app.add_subcommand(std::string(ToString(verb)), help)->fallthrough();
    sub->callback([&options, verb] { options.order.verb = verb; });
    if (verb != Verb::kPlay) return;
    sub->add_option("entry", options.order.argument,
                    "Name as list prints it, or the id beside it; #ID asks no server")
        ->required();
    sub->footer(
        "A name that begins with - goes behind --, as in: play -- -name\n"
        "The name may be typed as it is or as list prints it, with \\n written \\x0a and the "
        "like.\n"
        "'#ID' of the list works in place of any name; quote it, as # begins a comment in shells.");
    AddByteCount(*sub, "--offset", options.offset, "Where to begin");
    sub->add_flag("--wait", options.order.waitForEnd,
                  "Wait for the end; exit 0 if it was complete");
}

void DeclareCommands(CLI::App& app, Options& options) {
    DeclareVerb(app, options, Verb::kList, "Show what the server holds");
    DeclareVerb(app, options, Verb::kPlay, "Have the renderer play an entry");
    DeclareVerb(app, options, Verb::kPause, "Hold the rendering");
    DeclareVerb(app, options, Verb::kResume, "Go on after pause");
    DeclareVerb(app, options, Verb::kRestart, "Begin again from the start");
    DeclareVerb(app, options, Verb::kStop, "End the rendering");
    DeclareVerb(app, options, Verb::kTakeOver,
                "Command the renderer from now on, whichever controller did so far");
    DeclareVerb(app, options, Verb::kStatus, "Show what the renderer is doing");
    auto* script = app.add_subcommand("script",
                                      "Give the commands of a file, each at its time: "
                                      "lines of SECONDS VERB [ENTRY]")
                       ->fallthrough();
    script->add_option("file", options.scriptFile, "The script, or - for standard input")
        ->required();
    script->add_flag("--no-wait", options.noWait, "End with the last answer, not with the media");
    AddTimeout(*script, "--limit", options.limit, "End after this long whatever is missing (600s)");
    app.require_subcommand(1);
}

void Declare(CLI::App& app, Options& options) {
    app.description("Tells a CRSP renderer what to play from a server, and when.");
    AddNodeOptions(app, options.node, std::string(kAnyIpv4));
    app.add_option("--server", options.server,
                   "Where the server is; with keys also NAME, NAME=HOST:PORT or KEY@HOST:PORT")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    app.add_option("--renderer", options.renderer, "Where the renderer is, as for --server")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    app.add_option("--server-name", options.serverName,
                   "What the renderer calls the server; its first server without this")
        ->type_name("NAME");
    AddTimeout(app, "--timeout", options.timeout, "Longest wait for each answer (10s)");
    app.add_flag("--json", options.json, "Results as JSON, one object per line");
    DeclareCommands(app, options);
}

bool NeedsServer(const Options& options) {
    if (!options.scriptFile.empty() || options.order.verb == Verb::kList) return true;
    return options.order.verb == Verb::kPlay && !EntryIdOf(options.order.argument);
}

bool NeedsRenderer(const Options& options) {
    return !options.scriptFile.empty() || options.order.verb != Verb::kList;
}

/// A controller that only talks to IPv4 addresses needs no IPv6 in its system.
void ChooseFamily(NodeRunner& runner, const Options& options) {
    const auto isIpv6 = [&](std::string_view option, const std::string& text) {
        return runner.AddressOf(option, text).starts_with('[');
    };
    const bool ipv6 = (NeedsServer(options) && isIpv6("--server", options.server)) ||
                      (NeedsRenderer(options) && isIpv6("--renderer", options.renderer));
    if (ipv6 && options.node.listen == kAnyIpv4) runner.ListenOn(std::string(kAnyIpv6));
}

ControllerConfig MakeConfig(NodeRunner& runner, const Options& options) {
    ControllerConfig config;
    ChooseFamily(runner, options);
    if (NeedsServer(options)) config.server = runner.Target("--server", options.server).target;
    if (NeedsRenderer(options)) {
        config.renderer = runner.Target("--renderer", options.renderer).target;
    }
    config.serverName = options.serverName;
    config.tracer = runner.TracerOrNull();
    config.instance = RandomInstance();
    if (!options.timeout) return config;
    if (*options.timeout <= Duration::zero() || *options.timeout > kMaxTimeout) {
        Exit({ExitCode::kUsage, "--timeout must be more than 0 and at most 1h"});
    }
    config.commandTimeout = *options.timeout;
    auto& transport = runner.Transport();
    transport.handshakeTimeout = std::min(transport.handshakeTimeout, *options.timeout);
    return config;
}

void PrintLine(std::FILE* to, const std::string& text) {
    if (to == stdout) return WriteOutput(text + "\n");
    fmt::print(to, "{}\n", text);
}

ControllerListener MakeListener(const Options& options, Silence& silence) {
    if (options.json) {
        return {[&](const auto& result) {
                    silence.Explains(result);
                    PrintLine(stdout, ResultJson(result).dump());
                },
                [](const auto& news) { PrintLine(stdout, NotificationJson(news).dump()); }};
    }
    return {[&](const auto& result) {
                if (result.Ok()) return PrintLine(stdout, ResultText(result));
                if (silence.Explains(result)) return;
                PrintLine(stderr, fmt::format("{}: {}", kProgram, ResultText(result)));
            },
            [](const auto& news) { PrintLine(stdout, NotificationText(news)); }};
}

/// The end of the program, from that of the node and that of the commands.
ExitCode Conclude(const Silence& silence, ExitCode node, ExitCode commands, bool rendererLost) {
    if (node != ExitCode::kOk) return node;
    if (rendererLost) LogWarning("lost the renderer before the rendering had ended");
    const auto failure = silence.Failure();
    if (!failure) return commands;
    LogWarning(failure->message);
    // An answer that is missing because nobody was there is no timeout of theirs.
    const bool nobody = commands == ExitCode::kTimeout || commands == ExitCode::kUnavailable;
    return nobody ? failure->code : commands;
}

void WriteStats(const Options& options, const LiveNode& node) {
    if (options.node.statsFile.empty()) return;
    ValueOrExit(WriteJsonFile(options.node.statsFile, NodeStatsJson(kProgram, node)));
}

ExitCode RunOne(NodeRunner& runner, const Options& options) {
    const auto config = MakeConfig(runner, options);
    ControllerRole role(config);
    auto& node = runner.Open(role, false);
    auto order = options.order;
    order.offset = options.offset.value_or(0);
    Silence silence(node, config, runner);
    OneCommand command(node, role, order, MakeListener(options, silence));
    command.Begin();
    const auto ended = runner.Run();
    const auto code = Conclude(silence, ended, command.Code(), command.RendererLost());
    WriteStats(options, node);
    return code;
}

/// At most kMaxScriptBytes and one byte more, to notice what is longer.
std::string ReadBounded(std::istream& from) {
    std::string text(kMaxScriptBytes + 1, '\0');
    from.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(from.gcount()));
    return text;
}

std::string ReadScript(const std::string& path) {
    if (path == "-") return ReadBounded(std::cin);
    std::error_code error;
    // Asked before it is opened: a FIFO would wait for its writer.
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        Exit({ExitCode::kNoInput,
              fmt::format("cannot read the script '{}': not a regular file", path)});
    }
    std::ifstream file(path, std::ios::binary);
    auto text = ReadBounded(file);
    if (!file.is_open() || file.bad()) {
        Exit({ExitCode::kNoInput, fmt::format("cannot read the script '{}'", path)});
    }
    return text;
}

Script LoadScript(const std::string& path) {
    const auto text = ReadScript(path);
    if (text.size() > kMaxScriptBytes) {
        Exit({ExitCode::kBadData,
              fmt::format("the script '{}' is longer than {} bytes", path, kMaxScriptBytes)});
    }
    auto script = ParseScript(text);
    if (!script) {
        Exit({ExitCode::kBadData,
              fmt::format("{}:{}: {}", path, script.error().line, script.error().message)});
    }
    if (script->empty()) {
        Exit({ExitCode::kBadData,
              fmt::format("{}:1: no command in it, expected lines of SECONDS VERB [ENTRY]", path)});
    }
    return std::move(*script);
}

ExitCode RunScript(NodeRunner& runner, const Options& options) {
    ScriptedControllerConfig config;
    config.script = LoadScript(options.scriptFile);
    config.controller = MakeConfig(runner, options);
    config.waitForEnd = !options.noWait;
    config.limit = options.limit.value_or(config.limit);
    ScriptedController role(config);
    auto& node = runner.Open(role, false);
    Silence silence(node, config.controller, runner);
    ScriptFollower follower(node, role, MakeListener(options, silence));
    const auto ended = runner.Run();
    const auto code = Conclude(silence, ended, follower.Code(), follower.RendererLost());
    WriteStats(options, node);
    return code;
}

ExitCode Main(CLI::App& app) {
    Options options;
    Declare(app, options);
    ParseCommandLine(app);
    NodeRunner runner(kProgram, options.node, Hangup::kEnds);
    runner.RefuseConnections();
    return options.scriptFile.empty() ? RunOne(runner, options) : RunScript(runner, options);
}

}  // namespace
}  // namespace crsp

int main(int argc, char** argv) {
    return crsp::RunProgram(crsp::kProgram, argc, argv, crsp::Main);
}
