// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/selector.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "scenarios/lab/toml-overrides.h"

namespace crsp::lab {
namespace {

/// What makes a pattern of a name, as fnmatch(3) has it.
constexpr const char* kWildcards = "*?[\\";

constexpr std::array<std::string_view, 5> kFields{"scenario", "commit", "engine", "world", "seed"};

bool FieldMatches(const std::string& field, const std::string& value, const RunRow& run) {
    if (field == "scenario") return fnmatch(value.c_str(), run.scenario.c_str(), 0) == 0;
    if (field == "commit") return run.commit.rfind(value, 0) == 0;
    if (field == "engine") return run.engine.rfind(value, 0) == 0;
    if (field == "world") return run.world == value;
    return std::to_string(run.seed) == value;
}

bool ParameterMatches(const std::string& key, const std::string& value, const RunRow& run) {
    const auto found = run.parameters.find(key);
    return found == run.parameters.end() ? value.empty() : found->second == value;
}

}  // namespace

Expected<Selector, std::string> Selector::Parse(const std::string& text) {
    Selector selector;
    selector.m_text = text;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        const std::string condition(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        const auto at = condition.find_first_of(":=");
        const std::string name = condition.substr(0, at);
        const bool isField = std::find(kFields.begin(), kFields.end(), name) != kFields.end();
        if (at == std::string::npos || at == 0 || (condition[at] == ':') != isField) {
            return Fail(fmt::format("expected {}:VALUE or KEY=VALUE, joined by commas, got '{}'",
                                    fmt::join(kFields, ":, "), condition));
        }
        const std::string value = condition.substr(at + 1);
        auto& conditions = isField ? selector.m_fields : selector.m_parameters;
        conditions.emplace_back(isField ? name : WholeKey(name), value);
        selector.m_decides.insert(conditions.back().first);
    }
    return selector;
}

std::string Selector::OnlyScenario() const {
    const auto found = std::find_if(m_fields.begin(), m_fields.end(),
                                    [](const auto& it) { return it.first == "scenario"; });
    const bool named =
        found != m_fields.end() && found->second.find_first_of(kWildcards) == std::string::npos;
    return named ? found->second : "";
}

bool Selector::Matches(const RunRow& run) const {
    return std::all_of(m_fields.begin(), m_fields.end(),
                       [&](const auto& it) { return FieldMatches(it.first, it.second, run); }) &&
           std::all_of(m_parameters.begin(), m_parameters.end(),
                       [&](const auto& it) { return ParameterMatches(it.first, it.second, run); });
}

}  // namespace crsp::lab
