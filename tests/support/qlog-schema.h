// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

namespace crsp::test {

/// Event, and the members of its data.
using QlogSchema = std::map<std::string, std::set<std::string>>;

/// What QLOG.md has in its tables.
inline QlogSchema DocumentedQlogSchema() {
    QlogSchema schema;
    std::ifstream page(CRSP_SOURCE_DIR "/model/trace/QLOG.md");
    std::string event;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| ") || line.starts_with("| event ")) continue;
        std::istringstream row(line.substr(1));
        std::string cell;
        for (int column = 0; column < 2 && std::getline(row, cell, '|'); ++column) {
            for (std::size_t at = cell.find('`'); at != std::string::npos;) {
                const auto end = cell.find('`', at + 1);
                const auto word = cell.substr(at + 1, end - at - 1);
                if (column == 0) event = word;
                if (column == 1) schema[event].insert(word);
                at = cell.find('`', end + 1);
            }
        }
    }
    return schema;
}

/// Adds what one record has; headers have no name and are left out.
inline void AddTo(QlogSchema& schema, const nlohmann::json& record) {
    if (!record.contains("name")) return;
    auto& members = schema[record["name"].get<std::string>()];
    for (const auto& [name, value] : record["data"].items()) members.insert(name);
}

}  // namespace crsp::test
