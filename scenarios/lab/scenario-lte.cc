// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <array>
#include <string_view>

#include "scenarios/lab/scenario-tables.h"

namespace crsp::lab {
namespace {

/// One in the middle and a ring of six.
constexpr std::uint64_t kMaxCells = 7;
constexpr double kMaxDistance = 10'000;
/// A bearer holds a packet of any size that the path takes, and less than ns-3 counts up to.
constexpr std::uint64_t kMinBuffer = 2'000;
constexpr std::uint64_t kMaxBuffer = 100'000'000;
/// Of 1.4, 3, 5, 10, 15 and 20 MHz.
constexpr std::array<std::uint64_t, 6> kResourceBlocks = {6, 15, 25, 50, 75, 100};

/// What a link can be given and the radio cannot.
constexpr std::array<std::string_view, 19> kOfLinks = {
    "queue",   "discipline",  "marks",   "trace",     "policer",
    "loss",    "loss-burst",  "drop",    "jitter",    "loss-burst-limit",
    "steps",   "blackout",    "reorder", "duplicate", "gilbert-elliott",
    "corrupt", "steps-every", "down",    "up"};

void RefuseImpairments(TomlTable& table) {
    for (const std::string_view key : kOfLinks) {
        if (!table.Has(key)) continue;
        table.Refuse(key,
                     "expected in [link]: what becomes of packets in an LTE cell follows from "
                     "its radio alone");
    }
}

void ReadResourceBlocks(TomlTable& table, LteSpec& lte) {
    if (!table.Has("resource-blocks")) return;
    const auto blocks = table.Count("resource-blocks", 6, 100);
    for (const std::uint64_t possible : kResourceBlocks) {
        if (blocks == possible) lte.resourceBlocks = static_cast<std::uint8_t>(blocks);
    }
    if (blocks != lte.resourceBlocks) {
        table.Refuse("resource-blocks", "expected one of 6, 15, 25, 50, 75 and 100");
    }
}

void ReadCells(TomlTable& table, LteSpec& lte) {
    if (table.Has("cells")) lte.cells = table.Count("cells", 1, kMaxCells);
    if (!table.Has("cell-distance")) return;
    if (lte.cells == 1) table.Refuse("cell-distance", "expected at least 2 cells beside it");
    lte.cellDistance = table.Number("cell-distance", 10, kMaxDistance);
}

void ReadBearer(TomlTable& table, LteSpec& lte) {
    if (table.Has("bearer")) {
        lte.acknowledged = table.Choice("bearer", {"unacknowledged", "acknowledged"}) == 1;
    }
    ReadUnit(table, "buffer", lte.buffer, ParseSize);
    if (lte.buffer < kMinBuffer || lte.buffer > kMaxBuffer) {
        table.Refuse("buffer", "expected 2 kB to 100 MB");
    }
}

}  // namespace

void ReadLte(TomlTable& table, const Scenario& scenario, AccessSpec& access) {
    LteSpec& lte = access.lte;
    RefuseImpairments(table);
    if (!scenario.hops.empty()) {
        table.Refuse("kind", "expected no [[hop]] beside LTE: ns-3 finds no routes through both");
    }
    ReadCells(table, lte);
    ReadResourceBlocks(table, lte);
    ReadBearer(table, lte);
    ReadWalk(table, kMaxDistance, lte.walk);
    if (table.Has("path-loss")) {
        lte.pathLoss =
            static_cast<PathLoss>(table.Choice("path-loss", {"urban-macro", "free-space"}));
    }
    if (table.Has("fading")) lte.fading = table.Flag("fading");
    if (lte.fading && lte.walk.speed <= 0) {
        table.Refuse("fading", "expected far and speed beside it: it comes from moving");
    }
}

}  // namespace crsp::lab
