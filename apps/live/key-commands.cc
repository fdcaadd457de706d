// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/key-commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "apps/cli/standard-output.h"
#include "apps/live/identity-file.h"
#include "apps/live/key-text.h"
#include "apps/live/node-cli.h"
#include "apps/live/node-keys.h"
#include "apps/live/safe-text.h"
#include "model/media/catalogue.h"

namespace crsp {
namespace {

struct Options {
    std::string file;
    bool force = false;
};

std::string PathOf(const Options& options) {
    auto path = IdentityPath(options.file);
    if (path.empty()) {
        Exit({ExitCode::kUsage,
              "neither XDG_CONFIG_HOME nor HOME is set; give FILE with the identity"});
    }
    return path;
}

ExitCode Generate(const Options& options) {
    const auto path = PathOf(options);
    const auto key =
        ValueOrExit(GenerateIdentity(path, options.force ? Replace::kYes : Replace::kNo));
    fmt::print(stderr, "crsp: the identity is in {}; keep that to yourself\n", SafeLine(path));
    WriteOutput(fmt::format("{}\n{}\n", PublicKeyText(key), Fingerprint(key)));
    return ExitCode::kOk;
}

ExitCode Show(const Options& options) {
    const auto identity = ValueOrExit(LoadIdentity(PathOf(options)));
    WriteOutput(PublicKeyText(identity.pair.publicKey) + "\n");
    return ExitCode::kOk;
}

ExitCode ShowFingerprint(const Options& options) {
    const auto given = ParsePublicKey(options.file);
    if (IsUnusableKey(options.file)) {
        Exit({ExitCode::kUsage, fmt::format("'{}' is {}", options.file, kUnusableKey)});
    }
    if (!given && !options.file.empty() && ::access(options.file.c_str(), F_OK) != 0) {
        Exit({ExitCode::kNoInput,
              fmt::format("'{}' is neither a public key ({} characters of base64, as crsp key show "
                          "prints it) nor an identity file: {}",
                          PrintableName(options.file), kPublicKeyText, std::strerror(errno))});
    }
    const auto key = given ? *given : ValueOrExit(LoadIdentity(PathOf(options))).pair.publicKey;
    WriteOutput(Fingerprint(key) + "\n");
    return ExitCode::kOk;
}

}  // namespace

void DeclareKeyCommands(CLI::App& app, Action& action) {
    auto* key = app.add_subcommand("key", "The identity of this node");
    key->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    const auto declare = [&](const char* name, const char* help, const char* argument,
                             ExitCode (*run)(const Options&)) {
        auto* command = key->add_subcommand(name, help);
        AddFile(*command, "file", options->file, argument);
        command->callback([&action, options, run] { action = [=] { return run(*options); }; });
        return command;
    };
    const char* file = "The identity file (~/.config/crsp/identity.key)";
    declare("generate", "Make an identity, and print its public key and fingerprint", file,
            Generate)
        ->add_flag("--force", options->force,
                   "Replace the identity that is there; peers must pair anew");
    declare("show", "Print the public key", file, Show);
    declare("fingerprint", "Print the fingerprint of an identity or of a public key",
            "The identity file (~/.config/crsp/identity.key), or a public key", ShowFingerprint);
}

}  // namespace crsp
