// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/toml-table.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace crsp::lab {
namespace {

std::string_view TypeName(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::string:
            return "the text";
        case toml::node_type::integer:
            return "the integer";
        case toml::node_type::floating_point:
            return "the number";
        case toml::node_type::boolean:
            return "the flag";
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "a list";
        default:
            return "a date or time";
    }
}

/// A text as it is, any other single value as it would be written.
std::string ValueText(const toml::node& node) {
    if (node.is_string()) return **node.as_string();
    std::ostringstream text;
    node.visit([&](const auto& value) {
        if constexpr (toml::is_value<decltype(value)>) text << value;
    });
    return text.str();
}

std::string JoinChoices(const std::vector<std::string_view>& choices) {
    std::string joined;
    for (const auto choice : choices) {
        joined += fmt::format("{}\"{}\"", joined.empty() ? "" : ", ", choice);
    }
    return joined;
}

}  // namespace

std::string DescribeToml(const toml::node& node) {
    if (node.is_table() || node.is_array()) return std::string(TypeName(node));
    if (node.is_string()) return fmt::format("{} \"{}\"", TypeName(node), **node.as_string());
    return fmt::format("{} {}", TypeName(node), ValueText(node));
}

std::string TomlTable::Dotted(std::string_view key) const {
    if (m_path.empty()) return std::string(key);
    return key.empty() ? m_path : fmt::format("{}.{}", m_path, key);
}

void TomlTable::RefuseAt(const std::string& dotted, const toml::source_region& where,
                         std::string_view what) const {
    for (const std::string& key : m_origin.overridden) {
        const bool same = dotted == key || dotted.starts_with(key + ".") ||
                          (key.starts_with(dotted + ".") && !where.begin);
        if (same) throw TomlRefusal{fmt::format("--set {}: {}", key, what)};
    }
    const auto line = where.begin ? where.begin.line : 1;
    throw TomlRefusal{fmt::format("{}:{}: {}: {}", m_origin.file, line, dotted, what)};
}

void TomlTable::Refuse(std::string_view key, std::string_view what) const {
    const toml::node* node = m_table.get(key);
    RefuseAt(Dotted(key), node ? node->source() : m_table.source(), what);
}

bool TomlTable::Has(std::string_view key) {
    m_used.emplace(key);
    return m_table.contains(key);
}

const toml::node& TomlTable::Need(std::string_view key, std::string_view expected) {
    if (!Has(key)) Refuse(key, fmt::format("is missing; {}", expected));
    return *m_table.get(key);
}

std::string TomlTable::UnitText(std::string_view key, const std::string& expected) {
    const std::string hint = expected.substr(0, expected.rfind(", got"));
    const toml::node& node = Need(key, hint);
    if (!node.is_string()) Refuse(key, fmt::format("{}, got {}", hint, DescribeToml(node)));
    return **node.as_string();
}

std::string TomlTable::Text(std::string_view key) {
    const toml::node& node = Need(key, "expected a text in quotes");
    if (!node.is_string() || node.as_string()->get().empty()) {
        Refuse(key, fmt::format("expected a text that is not empty, got {}", DescribeToml(node)));
    }
    return **node.as_string();
}

bool TomlTable::Flag(std::string_view key) {
    const toml::node& node = Need(key, "expected true or false");
    if (!node.is_boolean()) {
        Refuse(key, fmt::format("expected true or false, got {}", DescribeToml(node)));
    }
    return **node.as_boolean();
}

double TomlTable::Number(std::string_view key, double min, double max) {
    const auto expected = fmt::format("expected a number from {} to {}", min, max);
    const toml::node& node = Need(key, expected);
    const auto value = node.is_number() ? node.value<double>() : std::nullopt;
    if (!value || !(*value >= min && *value <= max)) {
        Refuse(key, fmt::format("{}, got {}", expected, DescribeToml(node)));
    }
    return *value;
}

std::uint64_t TomlTable::Count(std::string_view key, std::uint64_t min, std::uint64_t max) {
    const auto expected = fmt::format("expected an integer from {} to {}", min, max);
    const toml::node& node = Need(key, expected);
    const auto value = node.is_integer() ? node.value<std::int64_t>() : std::nullopt;
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < min ||
        static_cast<std::uint64_t>(*value) > max) {
        Refuse(key, fmt::format("{}, got {}", expected, DescribeToml(node)));
    }
    return static_cast<std::uint64_t>(*value);
}

std::vector<std::uint64_t> TomlTable::Counts(std::string_view key, std::uint64_t min,
                                             std::uint64_t max) {
    const auto expected = fmt::format("expected a list of integers from {} to {}", min, max);
    const toml::node& node = Need(key, expected);
    if (!node.is_array()) Refuse(key, fmt::format("{}, got {}", expected, DescribeToml(node)));
    std::vector<std::uint64_t> counts;
    for (const toml::node& each : *node.as_array()) {
        const auto value = each.is_integer() ? each.value<std::int64_t>() : std::nullopt;
        const bool good = value && *value >= 0 && static_cast<std::uint64_t>(*value) >= min &&
                          static_cast<std::uint64_t>(*value) <= max;
        if (!good) Refuse(key, fmt::format("{}, got {} in it", expected, DescribeToml(each)));
        counts.push_back(static_cast<std::uint64_t>(*value));
    }
    return counts;
}

std::vector<std::string> TomlTable::Values(std::string_view key) {
    constexpr std::string_view kExpected = "expected a list of values such as [\"0 %\", \"2 %\"]";
    const toml::node& node = Need(key, kExpected);
    if (!node.is_array() || node.as_array()->empty()) {
        Refuse(key, fmt::format("{}, got {}", kExpected, DescribeToml(node)));
    }
    std::vector<std::string> values;
    for (const toml::node& each : *node.as_array()) {
        if (!each.is_value()) {
            Refuse(key, fmt::format("{}, got {} in it", kExpected, DescribeToml(each)));
        }
        values.push_back(ValueText(each));
        if (std::count(values.begin(), values.end(), values.back()) > 1) {
            Refuse(key, fmt::format("{}, got {} twice", kExpected, DescribeToml(each)));
        }
    }
    return values;
}

std::size_t TomlTable::Choice(std::string_view key, const std::vector<std::string_view>& choices) {
    const auto expected = fmt::format("expected one of {}", JoinChoices(choices));
    const toml::node& node = Need(key, expected);
    for (std::size_t i = 0; node.is_string() && i < choices.size(); ++i) {
        if (**node.as_string() == choices[i]) return i;
    }
    Refuse(key, fmt::format("{}, got {}", expected, DescribeToml(node)));
}

TomlTable TomlTable::Table(std::string_view key) {
    const toml::node& node = Need(key, "expected a table");
    if (!node.is_table()) Refuse(key, fmt::format("expected a table, got {}", DescribeToml(node)));
    return TomlTable(*node.as_table(), Dotted(key), m_origin);
}

std::vector<TomlTable> TomlTable::Tables(std::string_view key) {
    std::vector<TomlTable> tables;
    if (!Has(key)) return tables;
    const toml::node& node = *m_table.get(key);
    const toml::array* list = node.as_array();
    if (!list || !list->is_homogeneous<toml::table>()) {
        Refuse(key, fmt::format("expected a list of tables, written [[{}]], got {}", Dotted(key),
                                DescribeToml(node)));
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto path = fmt::format("{}.{}", Dotted(key), i);
        tables.emplace_back(*list->get(i)->as_table(), path, m_origin);
    }
    return tables;
}

std::vector<std::string> TomlTable::Keys() {
    std::vector<std::string> keys;
    for (const auto& [key, node] : m_table) {
        keys.emplace_back(key.str());
        m_used.emplace(key.str());
    }
    return keys;
}

std::size_t TomlTable::Line(std::string_view key) const {
    const toml::node* node = m_table.get(key);
    return node ? node->source().begin.line : 0;
}

void TomlTable::Finish() {
    for (const auto& [key, node] : m_table) {
        if (m_used.contains(key.str())) continue;
        std::string known;
        for (const auto& name : m_used) known += (known.empty() ? "" : ", ") + name;
        RefuseAt(Dotted(key.str()), key.source(),
                 fmt::format("unknown key; known here: {}", known));
    }
}

}  // namespace crsp::lab
