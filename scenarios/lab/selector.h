// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/base/result.h"
#include "scenarios/lab/results-reader.h"

namespace crsp::lab {

/// Which runs are meant: all conditions hold. As text they are joined by commas:
/// `scenario:PATTERN`, `commit:PREFIX`, `engine:PREFIX`, `world:ns3` or `world:live`, `seed:N`,
/// and `KEY=VALUE` of a parameter; with `KEY=` it was not given.
class Selector {
  public:
    /// The error says what was expected.
    static Expected<Selector, std::string> Parse(const std::string& text);

    bool Matches(const RunRow& run) const;
    /// What it decides: scenario, commit, engine, world, seed, or the key of a parameter.
    const std::set<std::string>& Decides() const { return m_decides; }
    const std::string& Text() const { return m_text; }
    /// The scenario, where it names a single one; else empty.
    std::string OnlyScenario() const;

  private:
    std::string m_text;
    std::vector<std::pair<std::string, std::string>> m_fields;
    std::vector<std::pair<std::string, std::string>> m_parameters;
    std::set<std::string> m_decides;
};

}  // namespace crsp::lab
