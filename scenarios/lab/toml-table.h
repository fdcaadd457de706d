// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <toml++/toml.h>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"

namespace crsp::lab {

/// Thrown inside the reader only; ReadScenario turns it into a ScenarioError.
struct TomlRefusal {
    std::string message;
};

/// Where a document's values came from, for messages.
struct TomlOrigin {
    std::string file;
    std::set<std::string, std::less<>> overridden;  ///< dotted keys given with --set
};

/// Reads one table key by key, with messages that say where. Every getter throws TomlRefusal on a
/// wrong type or value; Finish() throws it for a key that no getter has asked for.
class TomlTable {
  public:
    TomlTable(const toml::table& table, std::string path, const TomlOrigin& origin)
        : m_table(table), m_path(std::move(path)), m_origin(origin) {}

    bool Has(std::string_view key);
    std::string Text(std::string_view key);
    bool Flag(std::string_view key);
    double Number(std::string_view key, double min, double max);
    std::uint64_t Count(std::string_view key, std::uint64_t min, std::uint64_t max);
    /// A list of such integers.
    std::vector<std::uint64_t> Counts(std::string_view key, std::uint64_t min, std::uint64_t max);
    /// The texts, numbers and flags of a list as texts, none twice; not empty.
    std::vector<std::string> Values(std::string_view key);
    /// A text value that `parse` (units.h) understands.
    template <class T>
    T Unit(std::string_view key, Expected<T, std::string> (*parse)(std::string_view)) {
        auto value = parse(UnitText(key, parse("").error()));
        if (!value) Refuse(key, value.error());
        return *value;
    }
    /// Position of the text value in `choices`.
    std::size_t Choice(std::string_view key, const std::vector<std::string_view>& choices);

    TomlTable Table(std::string_view key);
    /// The tables of `[[key]]`, or of an array of inline tables; none if absent.
    std::vector<TomlTable> Tables(std::string_view key);
    /// Every key of this table, for tables whose keys are names; counts as asked for.
    std::vector<std::string> Keys();

    /// Where the key stands in the file; 0 if a --set brought it.
    std::size_t Line(std::string_view key) const;

    void Finish();
    /// Ends with `file:line: path.key: what`.
    [[noreturn]] void Refuse(std::string_view key, std::string_view what) const;

  private:
    const toml::node& Need(std::string_view key, std::string_view expected);
    std::string UnitText(std::string_view key, const std::string& expected);
    [[noreturn]] void RefuseAt(const std::string& dotted, const toml::source_region& where,
                               std::string_view what) const;
    std::string Dotted(std::string_view key) const;

    const toml::table& m_table;
    std::string m_path;
    const TomlOrigin& m_origin;
    std::set<std::string, std::less<>> m_used;
};

/// What a value looks like to the person who wrote it, as in `the integer 5`.
std::string DescribeToml(const toml::node& node);

}  // namespace crsp::lab
