// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-tables.h"
#include "scenarios/lab/toml-overrides.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kMostSeeds = 100'000;

}  // namespace

SweepSpec ReadSweep(TomlTable table) {
    SweepSpec sweep;
    if (table.Has("seeds")) sweep.seeds = table.Count("seeds", 1, kMostSeeds);
    if (table.Has("vary")) {
        TomlTable vary = table.Table("vary");
        for (const std::string& key : vary.Keys()) {
            sweep.vary.emplace_back(WholeKey(key), vary.Values(key));
        }
    }
    table.Finish();
    return sweep;
}

}  // namespace crsp::lab
