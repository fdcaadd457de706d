// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/relay-options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "apps/live/node-cli.h"
#include "apps/live/quantity.h"

namespace crsp {
namespace {

/// How far a packet is held back unless --reorder-delay says otherwise.
constexpr Duration kDefaultReorderDelay = milliseconds(10);

template <class T>
const std::optional<T>& Choose(const std::optional<T>& own, const std::optional<T>& both) {
    return own ? own : both;
}

std::vector<double> ParseGilbert(const std::string& name, const std::string& text) {
    const auto comma = text.find(',');
    const auto share = ParseProbability(text.substr(0, comma));
    const auto burst =
        comma == std::string::npos ? std::nullopt : ParsePlainNumber(text.substr(comma + 1));
    if (share && burst) return {*share, *burst};
    RefuseValue(name, "expected mean loss and mean burst in packets, as in 5%,3", text);
}

Interval ParseInterval(const std::string& name, const std::string& text) {
    const auto dash = text.find('-');
    if (dash != std::string::npos) {
        const auto begin = ParseDuration(text.substr(0, dash));
        const auto end = ParseDuration(text.substr(dash + 1));
        if (begin && end && *begin < *end) return {*begin, *end};
    }
    RefuseValue(name, "expected begin and end since the start, as in 10s-12.5s", text);
}

EcnTreatment ParseTreatment(const std::string& name, const std::string& text) {
    const auto names = EcnTreatmentNames();
    const auto found = std::find(names.begin(), names.end(), text);
    if (found != names.end()) return static_cast<EcnTreatment>(found - names.begin());
    RefuseValue(name, fmt::format("expected one of {}", fmt::join(names, ", ")), text);
}

Expected<LossProcess, std::string> MakeLoss(const ImpairmentOptions& both,
                                            const ImpairmentOptions& own) {
    const auto& from = own.loss || !own.gilbert.empty() ? own : both;
    if (from.loss && !from.gilbert.empty()) {
        return Fail(std::string("give either a loss or a Gilbert-Elliott loss, not both"));
    }
    if (from.loss) return LossProcess(BernoulliLoss{.probability = *from.loss});
    if (from.gilbert.empty()) return LossProcess();
    const auto model = GilbertFromMean(from.gilbert[0], from.gilbert[1]);
    if (!model) return Fail(model.error());
    return LossProcess(*model);
}

}  // namespace

void AddImpairmentOptions(CLI::App& app, ImpairmentOptions& o, const std::string& prefix,
                          const std::string& group) {
    const auto name = [&](const char* rest) { return "--" + prefix + rest; };
    const std::vector<CLI::Option*> added{
        AddProbability(app, name("loss"), o.loss, "Loses each packet with this probability"),
        app.add_option_function<std::string>(
               name("ge"),
               [&o, ge = name("ge")](const std::string& text) {
                   o.gilbert = ParseGilbert(ge, text);
               },
               "Loses in bursts: mean loss and mean burst length in packets, as in 5%,3")
            ->type_name("LOSS,BURST"),
        AddDuration(app, name("delay"), o.delay, "Delay, one way"),
        AddDuration(app, name("jitter"), o.jitter, "Uniform, from minus to plus this"),
        app.add_flag(name("keep-order"), o.keepOrder, "Jitter never changes the order"),
        AddBitRate(app, name("rate"), o.rate, "Serialises at this rate, 28 bytes overhead each"),
        AddByteCount(app, name("queue"), o.queue, "Drop-tail queue in front of the rate"),
        AddDuration(app, name("mark-above"), o.markAbove,
                    "Marks ECN-capable packets CE that wait longer in the queue"),
        app.add_option_function<std::string>(
               name("ecn"),
               [&o, own = name("ecn")](const std::string& text) {
                   o.ecn = ParseTreatment(own, text);
               },
               fmt::format("What becomes of ECN-capable packets before: {} (carry)",
                           fmt::join(EcnTreatmentNames(), ", ")))
            ->type_name("WHAT"),
        AddProbability(app, name("duplicate"), o.duplicate, "Delivers a second copy"),
        AddProbability(app, name("corrupt"), o.corrupt, "Flips one bit"),
        AddProbability(app, name("truncate"), o.truncate, "Cuts to a random length"),
        AddProbability(app, name("reorder"), o.reorder, "Holds a packet back"),
        AddDuration(app, name("reorder-delay"), o.reorderDelay, "... for this long (10ms)"),
        app.add_option_function<std::vector<std::string>>(
               name("blackout"),
               [&o, own = name("blackout")](const std::vector<std::string>& texts) {
                   for (const auto& text : texts) o.blackouts.push_back(ParseInterval(own, text));
               },
               "Loses everything between two times since the start; repeatable")
            ->type_name("FROM-TO")};
    for (auto* option : added) option->group(group);
}

Expected<ImpairmentConfig, NodeError> MakeImpairment(const ImpairmentOptions& both,
                                                     const ImpairmentOptions& own) {
    const auto refuse = [](std::string why) {
        return Fail(NodeError{ExitCode::kUsage, std::move(why)});
    };
    ImpairmentConfig config;
    auto loss = MakeLoss(both, own);
    if (!loss) return refuse(std::move(loss.error()));
    config.loss.process = *loss;
    config.delay = Choose(own.delay, both.delay).value_or(Duration::zero());
    if (const auto jitter = Choose(own.jitter, both.jitter)) {
        config.jitter.kind = JitterConfig::Kind::kUniform;
        config.jitter.spread = *jitter;
    }
    config.jitter.mayReorder = !own.keepOrder && !both.keepOrder;
    config.rate.bitsPerSecond = Choose(own.rate, both.rate);
    config.rate.queueBytes = Choose(own.queue, both.queue);
    config.markAbove = Choose(own.markAbove, both.markAbove);
    config.ecn = Choose(own.ecn, both.ecn).value_or(EcnTreatment::kCarry);
    config.duplicate.probability = Choose(own.duplicate, both.duplicate).value_or(0);
    config.corrupt.probability = Choose(own.corrupt, both.corrupt).value_or(0);
    config.truncate.probability = Choose(own.truncate, both.truncate).value_or(0);
    config.reorder.probability = Choose(own.reorder, both.reorder).value_or(0);
    if (config.reorder.probability > 0) {
        config.reorder.extraDelay =
            Choose(own.reorderDelay, both.reorderDelay).value_or(kDefaultReorderDelay);
    }
    config.blackout.intervals = own.blackouts.empty() ? both.blackouts : own.blackouts;
    if (auto valid = Validate(config); !valid) return refuse(std::move(valid.error()));
    return config;
}

}  // namespace crsp
