// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/scenario-tables.h"
#include "scenarios/lab/toml-overrides.h"

namespace crsp::lab {

SweepSpec ReadSweep(TomlTable table) {
    SweepSpec sweep;
    if (table.Has("seeds")) sweep.seeds = table.Count("seeds", 1, kMaxSeeds);
    if (table.Has("vary")) {
        TomlTable vary = table.Table("vary");
        for (const std::string& key : vary.Keys()) {
            for (const auto& [other, values] : sweep.vary) {
                if (other != WholeKey(key)) continue;
                vary.Refuse(key, fmt::format("expected {} once, short or whole", other));
            }
            sweep.vary.emplace_back(WholeKey(key), vary.Values(key));
        }
    }
    table.Finish();
    return sweep;
}

}  // namespace crsp::lab
