// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/decrypt-command.h"
#include "apps/live/key-commands.h"
#include "apps/live/node-cli.h"
#include "apps/live/pair-command.h"
#include "apps/live/peer-commands.h"

namespace crsp {
namespace {

ExitCode Main(CLI::App& app) {
    Action action;
    app.description(
        "Keys of CRSP nodes: who this one is, whom it knows, pairing with others, and captures of\n"
        "what they sent.");
    app.require_subcommand(1);
    DeclareKeyCommands(app, action);
    DeclarePeerCommands(app, action);
    DeclarePairCommand(app, action);
    DeclareDecryptCommand(app, action);
    ParseCommandLine(app);
    return action();
}

}  // namespace
}  // namespace crsp

int main(int argc, char** argv) {
    return crsp::RunProgram("crsp", argc, argv, crsp::Main);
}
