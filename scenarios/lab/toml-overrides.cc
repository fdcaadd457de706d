// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/toml-overrides.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "scenarios/lab/toml-table.h"

namespace crsp::lab {
namespace {

[[noreturn]] void Refuse(std::string_view assignment, std::string_view what) {
    throw TomlRefusal{fmt::format("--set {}: {}", assignment, what)};
}

bool IsToml(const std::string& value, toml::table& parsed) {
    if (value.find('\n') != std::string::npos) return false;
    try {
        parsed = toml::parse("value = " + value);
        return true;
    } catch (const toml::parse_error&) {
        return false;
    }
}

void Store(toml::table& table, std::string_view key, const std::string& value) {
    toml::table parsed;
    if (IsToml(value, parsed)) {
        table.insert_or_assign(key, std::move(*parsed.get("value")));
    } else {
        table.insert_or_assign(key, value);
    }
}

toml::table& ListElement(toml::array& list, std::string_view position,
                         const std::string& assignment) {
    std::size_t index = 0;
    const auto [end, error] =
        std::from_chars(position.data(), position.data() + position.size(), index);
    const bool whole = error == std::errc{} && end == position.data() + position.size();
    if (!whole || index >= list.size() || !list.get(index)->is_table()) {
        Refuse(assignment, fmt::format("expected a position from 0 to {} in place of \"{}\"",
                                       list.empty() ? 0 : list.size() - 1, position));
    }
    return *list.get(index)->as_table();
}

struct Cursor {
    toml::table* table;
    toml::array* list = nullptr;  ///< set while the next part of the key is a position
};

Cursor Descend(Cursor at, std::string_view part, const std::string& assignment) {
    if (at.list) return {&ListElement(*at.list, part, assignment)};
    if (!at.table->contains(part)) at.table->insert(part, toml::table{});
    toml::node* next = at.table->get(part);
    if (next->is_array()) return {at.table, next->as_array()};
    if (!next->is_table()) Refuse(assignment, fmt::format("\"{}\" holds no keys", part));
    return {next->as_table()};
}

/// What is set most often, without the table that it stands in.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kShortKeys{{
    {"congestion", "transport.congestion"},
    {"delay", "link.delay"},
    {"loss", "link.loss"},
    {"queue", "link.queue"},
    {"rate", "link.rate"},
}};

}  // namespace

std::string WholeKey(std::string_view key) {
    for (const auto& [shorter, whole] : kShortKeys) {
        if (key == shorter) return std::string(whole);
    }
    return std::string(key);
}

std::string ApplyOverride(toml::table& document, const std::string& assignment) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) Refuse(assignment, "expected key=value");
    const std::string key = WholeKey(assignment.substr(0, equals));
    Cursor at{&document};
    std::string_view rest = key;
    for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
        at = Descend(at, rest.substr(0, dot), assignment);
        rest.remove_prefix(dot + 1);
    }
    if (rest.empty()) Refuse(assignment, "expected a key such as link.loss before the '='");
    if (at.list) Refuse(assignment, "expected a key after the list position");
    Store(*at.table, rest, assignment.substr(equals + 1));
    return key;
}

}  // namespace crsp::lab
