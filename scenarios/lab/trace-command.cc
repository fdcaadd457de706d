// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/trace-command.h"

#include <fmt/format.h>

#include <cstdio>

#include "apps/cli/standard-output.h"
#include "scenarios/lab/delivery-trace.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/regular-file.h"
#include "scenarios/lab/units.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kMaxSeed = 1'000'000'000;

int Refuse(const char* option, const std::string& what) {
    fmt::print(stderr, "crsp-lab: {}: {}\n", option, what);
    return kExitUsage;
}

int Generate(const TraceCommand& command) {
    const auto rate = ParseRate(command.rate);
    if (!rate) return Refuse("--rate", rate.error());
    const auto length = ParseDuration(command.length);
    if (!length) return Refuse("--length", length.error());
    if (*length < seconds(1) || *length > kMaxTraceLength) {
        return Refuse("--length", "expected from 1 s to 6 h");
    }
    if (*rate * ToSeconds(*length) / 8 / kOpportunityBytes > kMaxOpportunities / 2) {
        return Refuse("--rate", "expected less, or a shorter length");
    }
    const double wander = command.wander < 0 ? kDefaultWander : command.wander;
    WriteOutput(FormatTrace(command.model == "poisson"
                                ? MakePoisson(*rate, *length, command.seed)
                                : MakeCellular(*rate, wander, *length, command.seed)));
    return kExitOk;
}

int Show(const TraceCommand& command) {
    const auto text = ReadRegularFile(command.file);
    if (!text) {
        fmt::print(stderr, "crsp-lab: {}: cannot be read: expected a trace file\n", command.file);
        return kExitNoInput;
    }
    const auto trace = ParseTrace(*text);
    if (!trace) {
        fmt::print(stderr, "crsp-lab: {}: {}\n", command.file, trace.error());
        return kExitBadData;
    }
    WriteOutput(fmt::format("{} opportunities of {} bytes in {:.3f} s: {:.4f} Mbit/s\n",
                            trace->at.size(), kOpportunityBytes, ToSeconds(trace->Period()),
                            trace->MeanRate() / 1e6));
    return kExitOk;
}

}  // namespace

void DeclareTrace(CLI::App& app, TraceCommand& command) {
    CLI::App* sub = app.add_subcommand("trace", "Make or look at a trace of a link");
    sub->require_subcommand(1);
    CLI::App* generate =
        sub->add_subcommand("generate", "Print a trace in mahimahi's format, by a seed");
    generate->add_option("--model", command.model, "poisson or cellular")
        ->type_name("MODEL")
        ->check(CLI::IsMember({"poisson", "cellular"}))
        ->capture_default_str();
    generate->add_option("--rate", command.rate, "Its mean, as in '5 Mbit/s'")
        ->type_name("RATE")
        ->required();
    generate->add_option("--length", command.length, "After which it repeats")
        ->type_name("DURATION")
        ->capture_default_str();
    generate
        ->add_option("--wander", command.wander,
                     "Of cellular: how far its rate moves, in means per root second")
        ->type_name("NUMBER")
        ->check(CLI::Range(0.0, 10.0));
    AddCount(*generate, "--seed", command.seed, 0, kMaxSeed, "What its chances follow from");
    CLI::App* show = sub->add_subcommand("show", "Say how long a trace is, and its mean rate");
    show->add_option("file", command.file, "Trace file")->type_name("FILE")->required();
}

int RunTrace(const CLI::App& app, const TraceCommand& command) {
    return app.get_subcommand("trace")->got_subcommand("show") ? Show(command) : Generate(command);
}

}  // namespace crsp::lab
