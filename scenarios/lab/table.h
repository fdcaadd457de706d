// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace crsp::lab {

/// Rows of cells as text, each column as wide as its widest cell.
class Table {
  public:
    /// The first `left` columns are flush left, the others right.
    explicit Table(std::size_t left = 2) : m_left(left) {}

    void Add(std::vector<std::string> row) { m_rows.push_back(std::move(row)); }
    std::string Text() const;

  private:
    std::vector<std::size_t> Widths() const;
    std::string Line(const std::vector<std::string>& row,
                     const std::vector<std::size_t>& widths) const;

    std::size_t m_left;
    std::vector<std::vector<std::string>> m_rows;
};

}  // namespace crsp::lab
