// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/impair/impairment-config.h"

namespace crsp::lab {
namespace {

constexpr std::int64_t kMaxBlackouts = 1000;
constexpr std::uint64_t kMaxBurstLimit = 1000;
constexpr std::uint64_t kMaxDropped = 1'000'000'000;
constexpr Duration kMinRebinding = milliseconds(10);

Blackout ReadBlackout(TomlTable table) {
    Blackout blackout;
    blackout.at = table.Unit("at", ParseDuration);
    blackout.length = table.Unit("for", ParseDuration);
    if (table.Has("every")) blackout.every = table.Unit("every", ParseDuration);
    if (blackout.length <= Duration::zero()) table.Refuse("for", "expected a time above 0");
    if (blackout.every && *blackout.every <= blackout.length) {
        table.Refuse("every", "expected a period longer than the blackout itself");
    }
    table.Finish();
    return blackout;
}

LinkStep ReadStep(TomlTable table, const LinkSpec& link) {
    LinkStep step;
    step.at = table.Unit("at", ParseDuration);
    if (table.Has("rate")) step.rate = table.Unit("rate", ParseRateOrZero);
    if (table.Has("delay")) step.delay = table.Unit("delay", ParseDuration);
    if (table.Has("jitter")) step.jitter = table.Unit("jitter", ParseDuration);
    if (!step.rate && !step.delay && !step.jitter) {
        table.Refuse("", "expected a rate, a delay or a jitter");
    }
    if (step.rate && link.trace) table.Refuse("rate", "expected none on a link with a trace");
    if (!link.jitterNormal && step.jitter > step.delay.value_or(link.delay)) {
        table.Refuse("jitter", "expected at most the delay");
    }
    table.Finish();
    return step;
}

void ReadSteps(TomlTable& table, LinkSpec& link) {
    const auto steps = table.Tables("steps");
    if (!steps.empty()) link.steps.clear();
    for (const TomlTable& step : steps) {
        const Duration before = link.steps.empty() ? -kMinRateStep : link.steps.back().at;
        link.steps.push_back(ReadStep(step, link));
        if (link.steps.back().at < before + kMinRateStep) {
            step.Refuse("at", "expected a time at least 1 ms after the step above");
        }
    }
    if (!table.Has("steps-every")) return;
    link.stepsEvery = table.Unit("steps-every", ParseDuration);
    if (link.steps.empty() || *link.stepsEvery < link.steps.back().at + kMinRateStep) {
        table.Refuse("steps-every", "expected steps, and a period longer than they take");
    }
}

/// Packet numbers, ascending.
std::vector<std::uint64_t> ReadDrop(TomlTable& table) {
    auto numbers = table.Counts("drop", 1, kMaxDropped);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

std::uint32_t ReadBurstLimit(TomlTable& table, std::string_view key) {
    return static_cast<std::uint32_t>(table.Count(key, 1, kMaxBurstLimit));
}

GilbertElliottLoss ReadGilbertElliott(TomlTable table) {
    GilbertElliottLoss loss;
    loss.goodToBad = table.Number("good-to-bad", 0, 1);
    loss.badToGood = table.Number("bad-to-good", 0, 1);
    loss.lossInGood = table.Number("loss-in-good", 0, 1);
    loss.lossInBad = table.Number("loss-in-bad", 0, 1);
    if (loss.goodToBad + loss.badToGood <= 0) {
        table.Refuse("bad-to-good", "expected more than 0, or good-to-bad above 0");
    }
    table.Finish();
    return loss;
}

void CheckLoss(TomlTable& table, const LinkSpec& link) {
    if (link.loss >= 1) table.Refuse("loss", "expected less than 100 %; see blackout");
    if (link.lossBurst > 1 && !GilbertFromMean(link.loss, link.lossBurst)) {
        table.Refuse("loss-burst", "expected longer bursts for so much loss");
    }
    if (link.lossBurst > 1 && link.lossBurstLimit > 0) {
        table.Refuse("loss-burst-limit", "expected no loss-burst beside it");
    }
    if (link.gilbertElliott && link.loss > 0) {
        table.Refuse("gilbert-elliott", "expected no loss beside it");
    }
}

void ReadLossKeys(TomlTable& table, LinkSpec& link) {
    ReadUnit(table, "loss", link.loss, ParseShare);
    if (table.Has("loss-burst")) link.lossBurst = table.Number("loss-burst", 1, 1000);
    if (table.Has("loss-burst-limit")) {
        link.lossBurstLimit = ReadBurstLimit(table, "loss-burst-limit");
    }
    if (table.Has("gilbert-elliott")) {
        link.gilbertElliott = ReadGilbertElliott(table.Table("gilbert-elliott"));
    }
    if (table.Has("drop")) link.drop = ReadDrop(table);
    CheckLoss(table, link);
}

void ReadDamageKeys(TomlTable& table, LinkSpec& link) {
    ReadUnit(table, "duplicate", link.duplicate, ParseShare);
    if (table.Has("duplicate-copies")) {
        link.duplicateCopies =
            static_cast<std::uint32_t>(table.Count("duplicate-copies", 1, kMaxCopies));
    }
    ReadUnit(table, "corrupt", link.corrupt, ParseShare);
    if (table.Has("corrupt-burst-limit")) {
        link.corruptBurstLimit = ReadBurstLimit(table, "corrupt-burst-limit");
    }
}

PolicerSpec ReadPolicer(TomlTable table) {
    PolicerSpec policer;
    policer.rate = table.Unit("rate", ParseRate);
    policer.burst = table.Unit("burst", ParseSize);
    if (policer.burst < kQueuePacketBytes) table.Refuse("burst", "expected at least 1500 B");
    table.Finish();
    return policer;
}

void ReadQueueKeys(TomlTable& table, LinkSpec& link) {
    ReadUnit(table, "queue", link.queue, ParseQueue);
    if (table.Has("discipline")) {
        link.discipline = static_cast<QueueKind>(
            table.Choice("discipline", {"drop-tail", "codel", "fq-codel", "pie", "red"}));
    }
    if (table.Has("marks")) link.marks = table.Flag("marks");
    if (link.marks && link.discipline == QueueKind::kDropTail) {
        table.Refuse("marks", "expected a discipline that can mark beside it, such as \"codel\"");
    }
    if (table.Has("policer")) link.policer = ReadPolicer(table.Table("policer"));
}

/// What follows is the link's own: a trace of the table above does not rule it.
void ReadRateKeys(TomlTable& table, const std::string& scenarioFile, LinkSpec& link) {
    if (table.Has("rate") && table.Has("trace")) {
        table.Refuse("rate", "expected no trace beside it");
    }
    if (table.Has("rate")) link.trace = nullptr;
    ReadUnit(table, "rate", link.rate, ParseRate);
    if (!table.Has("trace")) return;
    link.trace =
        std::make_shared<const DeliveryTrace>(ReadTrace(table.Table("trace"), scenarioFile));
    link.rate = link.trace->MeanRate();
}

void ReadDelayKeys(TomlTable& table, LinkSpec& link) {
    ReadUnit(table, "delay", link.delay, ParseDuration);
    ReadUnit(table, "jitter", link.jitter, ParseDuration);
    if (table.Has("jitter-shape")) {
        link.jitterNormal = table.Choice("jitter-shape", {"uniform", "truncated-normal"}) == 1;
    }
    if (table.Has("reorder")) link.reorder = table.Flag("reorder");
    if (!link.jitterNormal && link.jitter > link.delay) {
        table.Refuse("jitter", "expected at most the delay");
    }
}

void ReadLinkKeys(TomlTable& table, const std::string& scenarioFile, LinkSpec& link) {
    ReadRateKeys(table, scenarioFile, link);
    ReadDelayKeys(table, link);
    ReadQueueKeys(table, link);
    ReadLossKeys(table, link);
    ReadDamageKeys(table, link);
    const auto blackouts = table.Tables("blackout");
    if (!blackouts.empty()) link.blackouts.clear();
    for (const TomlTable& blackout : blackouts) link.blackouts.push_back(ReadBlackout(blackout));
    ReadSteps(table, link);
}

void ReadDirection(TomlTable& table, std::string_view key, const std::string& scenarioFile,
                   LinkSpec& link) {
    if (!table.Has(key)) return;
    TomlTable direction = table.Table(key);
    ReadLinkKeys(direction, scenarioFile, link);
    direction.Finish();
}

}  // namespace

void ReadLink(TomlTable table, const std::string& scenarioFile, SharedLink& link) {
    ReadLinkKeys(table, scenarioFile, link.down);
    link.up = link.down;
    ReadDirection(table, "down", scenarioFile, link.down);
    ReadDirection(table, "up", scenarioFile, link.up);
    table.Finish();
}

NatSpec ReadNat(TomlTable table) {
    NatSpec nat;
    nat.first = table.Unit("first", ParseDuration);
    nat.every = table.Unit("every", ParseDuration);
    if (table.Has("address")) nat.address = table.Flag("address");
    if (nat.first < kMinRebinding) table.Refuse("first", "expected at least 10 ms");
    if (nat.every < kMinRebinding) table.Refuse("every", "expected at least 10 ms");
    table.Finish();
    return nat;
}

/// Each blackout and step is written out, in the simulation and on the relay's command line.
void CheckLink(TomlTable& root, const Scenario& scenario) {
    const auto check = [&](const std::optional<Duration>& every, const char* what) {
        if (!every || scenario.stop / *every <= kMaxBlackouts) return;
        root.Refuse("link", fmt::format("expected at most {} {} before scenario.stop",
                                        kMaxBlackouts, what));
    };
    const auto checkHop = [&](const SharedLink& hop) {
        for (const LinkSpec* link : {&hop.down, &hop.up}) {
            for (const Blackout& blackout : link->blackouts) check(blackout.every, "blackouts");
            check(link->stepsEvery, "repetitions of its steps");
        }
    };
    checkHop(scenario.link);
    for (const SharedLink& hop : scenario.hops) checkHop(hop);
}

}  // namespace crsp::lab
