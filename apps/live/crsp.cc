// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/key-commands.h"
#include "apps/live/node-cli.h"
#include "apps/live/pair-command.h"
#include "apps/live/peer-commands.h"

namespace crsp {
namespace {

ExitCode Main(CLI::App& app) {
    Action action;
    app.description("Keys of CRSP nodes: who this one is, whom it knows, and pairing with others.");
    app.require_subcommand(1);
    DeclareKeyCommands(app, action);
    DeclarePeerCommands(app, action);
    DeclarePairCommand(app, action);
    ParseCommandLine(app);
    return action();
}

}  // namespace
}  // namespace crsp

int main(int argc, char** argv) {
    return crsp::RunProgram("crsp", argc, argv, crsp::Main);
}
