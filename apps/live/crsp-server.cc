// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "apps/live/directory-content-store.h"
#include "apps/live/guarded-file.h"
#include "apps/live/key-file.h"
#include "apps/live/late-file.h"
#include "apps/live/log.h"
#include "apps/live/node-cli.h"
#include "apps/live/node-runner.h"
#include "apps/live/sandbox.h"
#include "apps/live/stats-json.h"
#include "model/media/server-role.h"

namespace crsp {
namespace {

constexpr std::string_view kProgram = "crsp-server";
/// What a rendering that is paused holds up; more is buffered while the peer gives credit for it.
constexpr std::size_t kSendBuffer = 16 * 1024;

struct Options {
    NodeOptions node;
    std::string root;
    std::string keyFile;
    bool noSandbox = false;
};

void Declare(CLI::App& app, Options& options) {
    app.description(
        "Offers the files below a directory to CRSP controllers and renderers.\n"
        "Symbolic links, devices, names that begin with a dot, and the files that the server "
        "itself\n"
        "uses or writes are not offered.");
    AddNodeOptions(app, options.node, fmt::format("0.0.0.0:{}", kServerPort));
    app.add_option("--root", options.root, "Directory whose files are offered")->type_name("DIR");
    app.add_flag("--no-sandbox", options.noSandbox,
                 "Do not give up what a server does not need: see Files in the README");
    auto* genkey = app.add_subcommand(
        "genkey", "Write a fresh key for --psk to a new file of mode 0600, and end");
    genkey->add_option("file", options.keyFile, "File to create")->required();
}

nlohmann::ordered_json ToJson(const ServerCounters& c) {
    return {{"sessions", c.sessions},
            {"listings", c.listings},
            {"transfers_begun", c.transfersBegun},
            {"transfers_completed", c.transfersCompleted},
            {"transfers_stopped", c.transfersStopped},
            {"transfers_failed", c.transfersFailed},
            {"content_bytes", c.contentBytes},
            {"errors_sent", c.errorsSent},
            {"turned_away", c.turnedAway},
            {"grants", c.grants}};
}

std::string Counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// What a server opens when it is up: files below its root, and the peers file again. What it
/// writes is open by then.
std::vector<std::string> ReadWhenUp(const Options& options, const PeerBook& peers) {
    std::vector<std::string> folders{options.root};
    if (peers.Keyed()) {
        folders.push_back(FolderOf(peers.Path()));
        std::error_code missing;
        const auto real = std::filesystem::canonical(peers.Path(), missing);
        if (!missing) folders.push_back(real.parent_path());
    }
    return folders;
}

void WallIn(const Options& options, const PeerBook& peers) {
    if (options.noSandbox) return LogInfo("without a sandbox, as --no-sandbox says");
    if (kSanitized) return LogInfo("without a sandbox: a sanitizer needs the whole file system");
    const Sandbox walls = ValueOrExit(EnterSandbox(ReadWhenUp(options, peers)));
    if (!walls.files) LogInfo("without a wall around files: this kernel has no Landlock");
    if (!walls.calls) LogInfo("without a wall around system calls: this kernel has no seccomp");
}

ExitCode Serve(const Options& options) {
    NodeRunner runner(kProgram, options.node, Hangup::kReads);
    runner.Transport().streamSendBuffer = kSendBuffer;
    std::optional<LateFile> statsFile;
    if (!options.node.statsFile.empty()) {
        statsFile.emplace(ValueOrExit(LateFile::Open(options.node.statsFile)));
    }
    const auto store = ValueOrExit(DirectoryContentStore::Create(
        options.root, EntryKeyOf(runner.Secret()), OwnFiles(runner.OwnPaths())));
    const auto secret = runner.Secret().value_or(SecretKey(SystemSeed()));
    ServerRole role({.serverSecret = secret,
                     .unixTimeAtZero = runner.UnixTimeAtZero(),
                     .tracer = runner.TracerOrNull()},
                    *store);
    runner.SetAccessHook([&](TimePoint now, Endpoint& endpoint, AccessList access) {
        role.SetAccess(now, endpoint, std::move(access));
    });
    const auto& node = runner.Open(role, true);
    WallIn(options, runner.Peers());
    LogInfo(fmt::format("offering {}{}", Counted(store->Count(), "file"),
                        store->Skipped() == 0
                            ? std::string()
                            : ", not offering " + Counted(store->Skipped(), "other name")));
    const auto code = runner.Run();
    if (statsFile) {
        auto stats = NodeStatsJson(kProgram, node);
        stats["server"] = ToJson(role.Counters());
        ValueOrExit(statsFile->Write(JsonText(stats)));
    }
    return code;
}

ExitCode Main(CLI::App& app) {
    Options options;
    Declare(app, options);
    ParseCommandLine(app);
    if (!options.keyFile.empty()) {
        ValueOrExit(GenerateKeyFile(options.keyFile));
        return ExitCode::kOk;
    }
    if (options.root.empty()) {
        Exit({ExitCode::kUsage, "give --root DIR with the directory to offer"});
    }
    return Serve(options);
}

}  // namespace
}  // namespace crsp

int main(int argc, char** argv) {
    return crsp::RunProgram(crsp::kProgram, argc, argv, crsp::Main);
}
