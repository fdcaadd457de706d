// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace crsp::lab {

std::string Table::Text() const {
    std::string text;
    const auto widths = Widths();
    for (const auto& row : m_rows) text += Line(row, widths);
    return text;
}

std::vector<std::size_t> Table::Widths() const {
    std::vector<std::size_t> widths;
    for (const auto& row : m_rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    return widths;
}

std::string Table::Line(const std::vector<std::string>& row,
                        const std::vector<std::size_t>& widths) const {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        line += i < m_left ? fmt::format("{:<{}}  ", row[i], widths[i])
                           : fmt::format("{:>{}}  ", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

}  // namespace crsp::lab
