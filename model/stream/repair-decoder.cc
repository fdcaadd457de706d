// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/repair-decoder.h"

#include <algorithm>

#include "model/stream/repair-code.h"

namespace crsp {
namespace {

/// Islands of the history: whoever sends bytes in more pieces has its oldest forgotten.
constexpr std::size_t kMaxIslands = 256;

}  // namespace

/// The pending repair symbols as linear equations, and how each row was made from them.
struct RepairDecoder::Matrix {
    /// Coefficients of the columns and, behind them, what it was made from: one operation for both.
    static constexpr std::size_t kColumns = 64;
    using Row = std::array<std::byte, kColumns + kMaxPendingRepairs>;

    static std::uint8_t At(const Row& row, std::size_t place) {
        return static_cast<std::uint8_t>(row[place]);
    }
    static std::uint8_t Made(const Row& row, std::size_t equation) {
        return At(row, kColumns + equation);
    }

    std::vector<Symbol> columns;
    std::vector<Row> rows;

    void Clear() {
        columns.clear();
        rows.clear();
    }

    std::optional<std::size_t> ColumnOf(const Symbol& symbol) {
        const auto found = std::find(columns.begin(), columns.end(), symbol);
        if (found == columns.end()) {
            if (columns.size() == kColumns) return std::nullopt;
            columns.push_back(symbol);
            return columns.size() - 1;
        }
        return static_cast<std::size_t>(found - columns.begin());
    }

    void Eliminate() {
        std::size_t done = 0;
        for (std::size_t column = 0; column < columns.size() && done < rows.size(); ++column) {
            std::size_t pivot = done;
            while (pivot < rows.size() && At(rows[pivot], column) == 0) ++pivot;
            if (pivot == rows.size()) continue;
            std::swap(rows[pivot], rows[done]);
            Row scaled{};
            AddMultiple(scaled, GaloisInverse(At(rows[done], column)), rows[done]);
            rows[done] = scaled;
            for (std::size_t other = 0; other < rows.size(); ++other) {
                if (other != done) AddMultiple(rows[other], At(rows[other], column), rows[done]);
            }
            ++done;
        }
    }

    /// The column that `row` says everything about.
    std::optional<std::size_t> OnlyColumn(const Row& row) const {
        const auto isSet = [](std::byte value) { return value != std::byte{}; };
        const auto end = row.begin() + kColumns;
        const auto first = std::find_if(row.begin(), end, isSet);
        if (first == end || std::any_of(first + 1, end, isSet)) return std::nullopt;
        return static_cast<std::size_t>(first - row.begin());
    }
};

RepairDecoder::RepairDecoder(std::uint64_t start)
    : m_history(new std::byte[kRepairHistory]),
      m_tail(start),
      m_head(start),
      m_matrix(std::make_unique<Matrix>()) {}

RepairDecoder::~RepairDecoder() = default;

void RepairDecoder::OnData(std::uint64_t offset, ConstByteSpan data) {
    Store(offset, data);
    for (auto& equation : m_pending) Reduce(*equation);
    DropSettled();
    // Not before: what has just been made must leave the equations, or it would be made again.
    if (m_known.Count() > kMaxIslands) m_known.PopFront();
}

void RepairDecoder::MoveTo(std::uint64_t end) {
    if (end <= m_head) return;
    m_head = end;
    if (m_head - m_tail <= kRepairHistory) return;
    m_known.Remove({m_tail, m_head - kRepairHistory});
    m_tail = m_head - kRepairHistory;
}

void RepairDecoder::Store(std::uint64_t offset, ConstByteSpan data) {
    MoveTo(offset + data.size());
    if (offset < m_tail) {
        data = data.subspan(std::min<std::size_t>(data.size(), m_tail - offset));
        offset = m_tail;
    }
    const Range range{offset, offset + data.size()};
    while (!data.empty()) {
        const auto at = static_cast<std::size_t>(offset % kRepairHistory);
        const std::size_t length = std::min(data.size(), kRepairHistory - at);
        std::copy_n(data.begin(), length, m_history.get() + at);
        data = data.subspan(length);
        offset += length;
    }
    m_known.Add(range);
    m_changed |= !m_pending.empty();
}

void RepairDecoder::TakeOut(Equation& equation, const Symbol& symbol) {
    const std::uint8_t coefficient = RepairCoefficient(equation.number, symbol.number);
    std::uint64_t offset = symbol.range.begin;
    ByteSpan sum = ByteSpan(equation.data).first(equation.length);
    while (offset < symbol.range.end) {
        const auto at = static_cast<std::size_t>(offset % kRepairHistory);
        const auto length = static_cast<std::size_t>(
            std::min<std::uint64_t>(symbol.range.end - offset, kRepairHistory - at));
        AddMultiple(sum, coefficient, ConstByteSpan(m_history.get() + at, length));
        sum = sum.subspan(length);
        offset += length;
    }
}

void RepairDecoder::Reduce(Equation& equation) {
    std::size_t kept = 0;
    for (const Symbol& symbol : equation.Missing()) {
        if (Known(symbol.range)) {
            TakeOut(equation, symbol);
        } else {
            equation.missing[kept++] = symbol;
        }
    }
    equation.count = kept;
}

/// Equations that say nothing more, and those about what the history has left behind.
void RepairDecoder::DropSettled() {
    auto keep = m_pending.begin();
    for (auto& equation : m_pending) {
        const bool settled =
            equation->count == 0 || equation->Missing().front().range.begin < m_tail;
        if (settled) {
            m_free.push_back(std::move(equation));
        } else {
            std::swap(*keep++, equation);
        }
    }
    m_pending.erase(keep, m_pending.end());
}

void RepairDecoder::Collect(Equation& equation, const RepairFrame& frame) {
    std::uint8_t number = frame.firstSymbol;
    std::uint64_t offset = frame.begin;
    for (const RepairBlock& block : frame.Blocks()) {
        const std::uint64_t end = offset + block.length;
        while (offset < end) {
            const Range range{offset, std::min(end, offset + block.symbolSize)};
            equation.missing[equation.count++] = {range, number};
            number = static_cast<std::uint8_t>((number + 1) % kRepairSymbolNumbers);
            offset = range.end;
        }
    }
}

void RepairDecoder::OnRepair(const RepairFrame& frame) {
    if (Known({frame.begin, frame.End()})) return;
    MoveTo(frame.End());
    DropSettled();
    if (m_pending.size() == kMaxPendingRepairs) {
        m_free.push_back(std::move(m_pending.front()));
        m_pending.erase(m_pending.begin());
    }
    if (m_free.empty()) m_free.push_back(std::make_unique<Equation>());
    Equation& equation = *m_free.back();
    equation.number = frame.number;
    equation.count = 0;
    equation.length = frame.data.size();
    std::copy(frame.data.begin(), frame.data.end(), equation.data.begin());
    Collect(equation, frame);
    Reduce(equation);
    m_pending.push_back(std::move(m_free.back()));
    m_free.pop_back();
    m_changed = true;
    DropSettled();
}

void RepairDecoder::FillMatrix() {
    m_matrix->Clear();
    for (std::size_t i = 0; i < m_pending.size(); ++i) {
        // So few equations cannot settle so many symbols.
        if (m_pending[i]->count > m_pending.size()) continue;
        Matrix::Row row{};
        bool fits = true;
        for (const Symbol& symbol : m_pending[i]->Missing()) {
            const auto column = m_matrix->ColumnOf(symbol);
            fits = fits && column;
            if (!column) continue;
            row[*column] = std::byte{RepairCoefficient(m_pending[i]->number, symbol.number)};
        }
        if (!fits) continue;
        row[Matrix::kColumns + i] = std::byte{1};
        m_matrix->rows.push_back(row);
    }
}

std::optional<RepairDecoder::Recovered> RepairDecoder::Recover() {
    if (!m_changed || m_pending.empty()) return std::nullopt;
    m_changed = false;
    FillMatrix();
    Matrix& matrix = *m_matrix;
    matrix.Eliminate();
    for (std::size_t i = 0; i < matrix.rows.size(); ++i) {
        const auto column = matrix.OnlyColumn(matrix.rows[i]);
        if (!column) continue;
        const Range range = matrix.columns[*column].range;
        const auto symbol = ByteSpan(m_symbol).first(static_cast<std::size_t>(range.Length()));
        std::fill(symbol.begin(), symbol.end(), std::byte{0});
        for (std::size_t j = 0; j < m_pending.size(); ++j) {
            const auto data = ConstByteSpan(m_pending[j]->data)
                                  .first(std::min(m_pending[j]->length, symbol.size()));
            AddMultiple(symbol, Matrix::Made(matrix.rows[i], j), data);
        }
        OnData(range.begin, symbol);
        m_changed = true;
        return Recovered{range.begin, symbol};
    }
    return std::nullopt;
}

}  // namespace crsp
