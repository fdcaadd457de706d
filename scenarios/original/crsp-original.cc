// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "apps/version/version.h"
#include "scenarios/original/controller.h"
#include "scenarios/original/loopback-host.h"
#include "scenarios/original/renderer.h"
#include "scenarios/original/server.h"

namespace {

using namespace crsp;
using namespace crsp::original;

constexpr std::uintmax_t kMaxContent = 64 * 1024 * 1024;
constexpr std::uint64_t kMaxPort = 65535;
constexpr std::uint64_t kMaxLimit = 24 * 3600;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 64;
constexpr int kExitInternal = 70;
constexpr int kExitTimeout = 75;

struct Options {
    std::uint64_t serverPort = kServerPort;
    std::uint64_t controlPort = kRendererControlPort;
    std::uint64_t contentsPort = kRendererContentsPort;
    std::uint64_t limit = 60;  ///< seconds
    std::string path;          ///< folder, output or script
};

std::uint16_t Port(std::uint64_t port) {
    return static_cast<std::uint16_t>(port);
}

/// What cannot go on, in one sentence.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string ReadFile(const std::filesystem::path& path) {
    if (std::filesystem::file_size(path) > kMaxContent) {
        throw Failure(fmt::format("{} is larger than 64 MiB", path.string()));
    }
    std::ostringstream text;
    std::ifstream stream(path, std::ios::binary);
    text << stream.rdbuf();
    if (!stream) throw Failure(fmt::format("{} cannot be read", path.string()));
    return text.str();
}

std::vector<Entry> ReadFolder(const std::string& folder) {
    std::vector<Entry> entries;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const auto name = file.path().filename().string();
        const bool sendable = name.size() <= kMaxPayload && name.find('\n') == std::string::npos;
        if (file.is_symlink() || !file.is_regular_file() || !sendable) continue;
        entries.push_back({name, ReadFile(file.path())});
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
}

/// Renders into a file; each generation begins it anew.
class FileOutput : public Sink {
  public:
    explicit FileOutput(std::string path) : m_path(std::move(path)) { Open(); }

    Expected<void, MediaErrorCode> Begin(TimePoint, Generation, const ContentInfo&) override {
        Open();
        return {};
    }
    Expected<std::size_t, MediaErrorCode> Render(TimePoint, Generation, std::uint64_t,
                                                 ConstByteSpan bytes) override {
        m_stream << AsText(bytes) << std::flush;
        if (!m_stream) throw Failure(fmt::format("cannot write to {}", m_path));
        return bytes.size();
    }
    Expected<void, MediaErrorCode> End(TimePoint, Generation, bool) override { return {}; }

  private:
    void Open() {
        m_stream = std::ofstream(m_path, std::ios::binary | std::ios::trunc);
        if (!m_stream) throw Failure(fmt::format("cannot write to {}", m_path));
    }

    std::string m_path;
    std::ofstream m_stream;
};

/// Runs a party until it has ended, or for the limit.
void Run(Party& party, const std::vector<std::uint16_t>& ports, const Options& options) {
    boost::asio::io_context io(1);
    LoopbackHost host(io, party, ports);
    for (std::size_t i = 0; i < ports.size(); ++i) {
        fmt::print(stderr, "listening on 127.0.0.1:{}\n", host.Port(i));
    }
    host.Start();
    io.run_for(std::chrono::seconds(options.limit));
    if (party.Refused() == 0) return;
    fmt::print(stderr, "crsp-original: {} datagrams refused, the last: {}\n", party.Refused(),
               party.LastRefusal());
}

int RunServer(const Options& options) {
    Server server(ReadFolder(options.path));
    Run(server, {Port(options.serverPort)}, options);
    return server.Finished() ? 0 : kExitTimeout;
}

int RunRenderer(const Options& options) {
    FileOutput output(options.path);
    Renderer renderer(Loopback(Port(options.serverPort)), output);
    Run(renderer, {Port(options.controlPort), Port(options.contentsPort)}, options);
    return renderer.Finished() ? 0 : kExitTimeout;
}

Script LoadScript(const std::string& path) {
    const auto script = ParseScript(ReadFile(path));
    if (!script) {
        throw Failure(fmt::format("{}:{}: {}", path, script.error().line, script.error().message));
    }
    for (const ScriptStep& step : *script) {
        if (HasVerb(step.verb) && step.argument.size() <= kMaxPayload) continue;
        throw Failure(fmt::format("{}: the original has no '{}'", path, crsp::ToString(step.verb)));
    }
    return *script;
}

int RunController(const Options& options) {
    Controller controller({Loopback(Port(options.serverPort)), Loopback(Port(options.controlPort)),
                           LoadScript(options.path), seconds(options.limit), true});
    Run(controller, {0}, options);
    for (const Command& command : controller.Commands()) {
        const auto answer = command.answered
                                ? fmt::format("answered after {:.1f} ms",
                                              ToMilliseconds(*command.answered - command.given))
                                : std::string("not answered");
        WriteOutput(fmt::format("{} {}\n", crsp::ToString(command.verb), answer));
    }
    return controller.Complete() ? 0 : kExitTimeout;
}

CLI::App* Declare(CLI::App& app, Options& options, const char* name, const char* what,
                  const char* path, const char* pathHelp) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->add_option(path, options.path, pathHelp)->required();
    AddCount(*sub, "--server-port", options.serverPort, 0, kMaxPort, "The server's");
    AddCount(*sub, "--limit", options.limit, 1, kMaxLimit, "Seconds after which it ends");
    return sub;
}

int Main(int argc, char** argv) {
    CLI::App app{"The protocol that CRSP descends from, over 127.0.0.1, to compare with.",
                 "crsp-original"};
    app.set_version_flag("--version", VersionText("crsp-original"));
    app.require_subcommand(1);
    Options options;
    Declare(app, options, "server", "Offers the files of a folder", "--folder", "Its files");
    auto* renderer = Declare(app, options, "renderer", "Renders into a file", "--output", "File");
    auto* controller = Declare(app, options, "controller", "Gives the commands of a script",
                               "--script", "Lines of SECONDS VERB [ENTRY]");
    AddCount(*renderer, "--contents-port", options.contentsPort, 0, kMaxPort, "Its second port");
    for (CLI::App* sub : {renderer, controller}) {
        AddCount(*sub, "--renderer-port", options.controlPort, 0, kMaxPort,
                 "The renderer's first port");
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        fmt::print(stderr, "crsp-original: {}\n", UsageSentence(app, error));
        return kExitUsage;
    }
    if (app.got_subcommand("server")) return RunServer(options);
    return app.got_subcommand(renderer) ? RunRenderer(options) : RunController(options);
}

}  // namespace

int main(int argc, char** argv) {
    int code = kExitFailed;
    try {
        return FinishOutput("crsp-original", Main(argc, argv));
    } catch (const Failure& failure) {
        fmt::print(stderr, "crsp-original: {}\n", failure.what());
    } catch (const std::filesystem::filesystem_error& error) {
        fmt::print(stderr, "crsp-original: {}: {}\n", error.path1().string(),
                   error.code().message());
    } catch (const boost::system::system_error& error) {
        fmt::print(stderr, "crsp-original: cannot have the port: {}\n", error.code().message());
    } catch (const std::exception& error) {
        fmt::print(stderr, "crsp-original: {}\n", error.what());
        code = kExitInternal;
    }
    return code;
}
