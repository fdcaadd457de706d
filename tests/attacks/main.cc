// SPDX-License-Identifier: BSD-3-Clause
// Attacks the engine in this process, and says in a table what became of it. Only the live floods
// use sockets, of the loopback.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/attacks/row.h"

namespace crsp::attacks {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 64;

struct Job {
    const char* row;
    Rows (*run)(const Scale&);
};
constexpr Job kJobs[] = {
    {"A1", Spoofed},       {"A2", ForgedCookies}, {"A3", Memory},      {"A4", FloodCosts},
    {"A4", Flood},         {"A4", LiveFlood},     {"A10", EmptyFlood}, {"B12", ForgedPhases},
    {"B15", RandomTokens}, {"B18", TinyFrames},   {"C4", HiddenEntry}, {"R3", LossyHandshakes},
    {"cost", Costs},
};

bool Print(const Rows& rows) {
    bool kept = true;
    for (const Row& row : rows) {
        const char* verdict = row.criterion.empty() ? "" : row.kept ? "yes" : "NO";
        fmt::print("| {} | {} | {} | {} | {} |\n", row.row, row.done, row.figure, row.criterion,
                   verdict);
        std::fflush(stdout);
        kept = kept && row.kept;
    }
    return kept;
}

int Run(const std::string& wanted, const Scale& scale) {
    bool known = false;
    bool kept = true;
    fmt::print("| row | what was done | figure | criterion | kept |\n|---|---|---|---|---|\n");
    for (const Job& job : kJobs) {
        if (wanted != "all" && wanted != job.row) continue;
        known = true;
        kept = Print(job.run(scale)) && kept;
    }
    if (!known) {
        fmt::print(stderr,
                   "crsp-attacks: there is no row '{}'; take A1 to A4, A10, B12, B15, B18, C4, R3, "
                   "cost or all\n",
                   wanted);
        return kExitUsage;
    }
    return kept ? 0 : kExitFailed;
}

}  // namespace
}  // namespace crsp::attacks

int main(int argc, char** argv) {
    CLI::App app("Attacks the engine and says what became of it.");
    std::string row = "all";
    bool full = false;
    app.add_option("ROW", row, "A1, A2, A3, A4, A10, B12, B15, B18, C4, R3, cost, or all");
    app.add_flag("--full", full, "as many as the criteria name: 10^7 datagrams, cookies, tokens");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : crsp::attacks::kExitUsage;
    }
    try {
        return crsp::attacks::Run(row,
                                  full ? crsp::attacks::Scale::Full() : crsp::attacks::Scale{});
    } catch (const std::exception& error) {
        fmt::print(stderr, "crsp-attacks: {}\n", error.what());
        return crsp::attacks::kExitFailed;
    }
}
