// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/script.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "model/media/catalogue.h"

namespace crsp {
namespace {

constexpr std::string_view kBlank = " \t\r";
/// Digits before and behind the point; what they can express fits a Duration.
constexpr std::size_t kMaxWholeDigits = 9;
constexpr std::size_t kMaxFractionDigits = 9;

std::string_view Trim(std::string_view text) {
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Cuts the first word off `text`.
std::string_view TakeWord(std::string_view& text) {
    const auto end = std::min(text.find_first_of(kBlank), text.size());
    const std::string_view word = text.substr(0, end);
    text = Trim(text.substr(end));
    return word;
}

std::optional<std::int64_t> ParseDigits(std::string_view digits) {
    std::int64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

/// Decimal seconds, exact to the nanosecond; no sign, no exponent.
std::optional<Duration> ParseSeconds(std::string_view text) {
    const auto point = std::min(text.find('.'), text.size());
    const std::string_view whole = text.substr(0, point);
    std::string fraction(text.substr(std::min(point + 1, text.size())));
    if (whole.empty() || whole.size() > kMaxWholeDigits) return std::nullopt;
    if (fraction.size() > kMaxFractionDigits) return std::nullopt;
    if (point != text.size() && fraction.empty()) return std::nullopt;
    fraction.resize(kMaxFractionDigits, '0');
    const auto wholeValue = ParseDigits(whole);
    const auto fractionValue = ParseDigits(fraction);
    if (!wholeValue || !fractionValue) return std::nullopt;
    return seconds(*wholeValue) + nanoseconds(*fractionValue);
}

Expected<ScriptStep, std::string> ParseStep(std::string_view line) {
    const std::string_view time = TakeWord(line);
    const bool afterEnd = time.starts_with('+');
    const auto at = ParseSeconds(time.substr(afterEnd ? 1 : 0));
    if (!at) {
        return Fail(
            fmt::format("expected a time in seconds such as 2.5, found '{}'", PrintableName(time)));
    }
    const std::string_view word = TakeWord(line);
    const auto verb = VerbFromText(word);
    if (!verb) {
        return Fail(
            fmt::format("expected list, play, pause, resume, restart, stop, status or "
                        "take-over after the time, found '{}'",
                        PrintableName(word)));
    }
    if (*verb == Verb::kPlay && line.empty()) {
        return Fail(std::string("expected the name or the id of an entry after 'play'"));
    }
    if (*verb != Verb::kPlay && !line.empty()) {
        return Fail(
            fmt::format("expected nothing after '{}', found '{}'", word, PrintableName(line)));
    }
    return ScriptStep{*at, *verb, std::string(line), afterEnd};
}

std::optional<std::string> WhyNotNext(const Script& script, const ScriptStep& step) {
    const auto before = std::find_if(script.rbegin(), script.rend(),
                                     [](const ScriptStep& other) { return !other.afterEnd; });
    if (!step.afterEnd && before != script.rend() && step.at < before->at) {
        return fmt::format("expected a time not before {} s, where a line before stands",
                           ToSeconds(before->at));
    }
    if (script.size() == kMaxScriptSteps) {
        return fmt::format("expected no more than {} steps", kMaxScriptSteps);
    }
    return std::nullopt;
}

}  // namespace

Expected<Script, ScriptError> ParseScript(std::string_view text) {
    Script script;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = Trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;
        auto step = ParseStep(line);
        if (!step) return Fail(ScriptError{number, step.error()});
        if (auto why = WhyNotNext(script, *step)) return Fail(ScriptError{number, *why});
        script.push_back(std::move(*step));
    }
    return script;
}

}  // namespace crsp
