// SPDX-License-Identifier: BSD-3-Clause
// Runs seeds of the swarm one after another and says on stdout, a line each, what became of them;
// swarm.py starts several of these and adds up what they say.
//
//   begin SEED                       so that whoever reads knows which seed ended the process
//   ok SEED DIGEST FAULTS MOMENTS    bits of those that happened, in hexadecimal
//   fail SEED WHAT
//
// Exits with 1 if a seed failed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "model/base/planted.h"
#include "tests/sim/swarm/run-seed.h"

namespace {

using namespace crsp;
using namespace crsp::sim;

template <class Set>
std::uint64_t Bits(const Set& set, std::size_t count) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < count; ++i) bits |= std::uint64_t{set.Has(i)} << i;
    return bits;
}

struct Options {
    std::uint64_t from = 1;
    std::uint64_t seeds = 1;
    std::uint64_t step = 1;
    std::uint64_t twice = 0;
    std::string plant;
    bool describe = false;
    bool quiet = false;
    bool names = false;
};

void Say(const std::string& line) {
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
}

/// Every seed divisible by `twice` runs a second time, and must send the same (R16).
Verdict Judge(std::uint64_t seed, const Options& options, std::string& digest) {
    SeedResult result = RunSeed(seed);
    const bool again = options.twice > 0 && seed % options.twice == 0;
    if (again && RunSeed(seed).digest != result.digest) {
        result.verdict.Fail("sends something else the second time");
    }
    digest = std::move(result.digest);
    return std::move(result.verdict);
}

bool RunOne(std::uint64_t seed, const Options& options) {
    if (options.describe) std::fputs(DescribeSeed(seed).c_str(), stderr);
    if (!options.quiet) Say(fmt::format("begin {}", seed));
    std::string digest;
    const Verdict verdict = Judge(seed, options, digest);
    for (const auto& what : verdict.Failures()) Say(fmt::format("fail {} {}", seed, what));
    if (!verdict.Ok() && options.quiet) Say(fmt::format("repeat: ./run swarm --seed {}", seed));
    if (!verdict.Ok() || options.quiet) return verdict.Ok();
    Say(fmt::format("ok {} {} {:x} {:x}", seed, digest, Bits(verdict.FiredFaults(), kFaults),
                    Bits(verdict.ReachedMoments(), kMoments)));
    return true;
}

void SayNames() {
    for (const auto name : kFaultNames) Say(fmt::format("fault {}", name));
    for (const auto name : kMomentNames) Say(fmt::format("moment {}", name));
    for (const auto name : kPlantNames) Say(fmt::format("plant {}", name));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Seeds of the swarm simulator", "crsp-swarm");
    Options options;
    app.add_option("--from", options.from, "First seed");
    app.add_option("--seeds", options.seeds, "How many");
    app.add_option("--step", options.step, "From each seed to the next");
    app.add_option("--twice", options.twice, "Run each seed divisible by this twice; 0 none");
    app.add_option("--plant", options.plant, "Bug to plant, if this build has any");
    app.add_flag("--describe", options.describe, "Say what each seed draws, on stderr");
    app.add_flag("--quiet", options.quiet, "Say nothing of seeds that pass");
    app.add_flag("--names", options.names, "Print the names of faults, moments and bugs");
    CLI11_PARSE(app, argc, argv);
    if (options.names) return SayNames(), 0;
    if (!options.plant.empty() && !Plant(options.plant)) {
        std::fputs("crsp-swarm: this build has no such bug to plant\n", stderr);
        return 64;
    }
    bool ok = true;
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
        ok &= RunOne(options.from + i * options.step, options);
    }
    return ok ? 0 : 1;
}
