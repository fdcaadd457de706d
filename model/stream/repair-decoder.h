// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/range-set.h"
#include "model/wire/frames.h"

namespace crsp {

/// Bytes of a stream kept behind the newest received, to take them out of repair symbols: more than
/// the longest REPAIR covers. A power of two.
inline constexpr std::size_t kRepairHistory = 128 * 1024;
/// Repair symbols kept that cannot be used yet.
inline constexpr std::size_t kMaxPendingRepairs = 16;

/// The receiving half of forward error correction for one stream (CRSP §5.9): makes what is missing
/// from repair symbols and what came.
///
/// Memory is fixed: the history and kMaxPendingRepairs symbols. The newest repair symbols replace
/// the oldest, and what is older than the history is forgotten, so that no gap outlasts its time.
class RepairDecoder {
  public:
    /// Bytes of the stream, made from repair symbols; views the decoder until its next change.
    struct Recovered {
        std::uint64_t offset = 0;
        ConstByteSpan data;
    };

    /// Knows nothing of what came before `start`.
    explicit RepairDecoder(std::uint64_t start);
    ~RepairDecoder();

    /// Bytes of the stream have arrived.
    void OnData(std::uint64_t offset, ConstByteSpan data);
    /// Takes a repair symbol, whose bounds have been checked. One about bytes before the history is
    /// of no use and dropped.
    void OnRepair(const RepairFrame& frame);
    /// The next symbol that can be made, which counts as arrived from then on. To be called after
    /// OnData and OnRepair until it returns nothing.
    std::optional<Recovered> Recover();

    std::size_t Pending() const { return m_pending.size(); }

  private:
    struct Symbol {
        Range range;
        std::uint8_t number = 0;
        bool operator==(const Symbol&) const = default;
    };
    static constexpr std::size_t kMaxMissing = kMaxRepairBlocks * kMaxBlockSymbols;
    /// sum over `missing` of coefficient times symbol = data
    struct Equation {
        std::uint8_t number = 0;
        std::size_t count = 0;
        std::array<Symbol, kMaxMissing> missing;
        std::size_t length = 0;
        std::array<std::byte, kMaxRepairSymbol> data;

        std::span<Symbol> Missing() { return std::span(missing).first(count); }
        std::span<const Symbol> Missing() const { return std::span(missing).first(count); }
    };
    struct Matrix;

    bool Known(Range range) const { return m_known.ContainsAll(range); }
    void MoveTo(std::uint64_t end);
    void Store(std::uint64_t offset, ConstByteSpan data);
    void TakeOut(Equation& equation, const Symbol& symbol);
    void Reduce(Equation& equation);
    void DropSettled();
    static void Collect(Equation& equation, const RepairFrame& frame);
    void FillMatrix();

    std::unique_ptr<std::byte[]> m_history;
    RangeSet m_known;                                  ///< of the history
    std::uint64_t m_tail = 0;                          ///< where the history begins
    std::uint64_t m_head = 0;                          ///< and ends
    std::vector<std::unique_ptr<Equation>> m_pending;  ///< oldest first
    std::vector<std::unique_ptr<Equation>> m_free;
    std::unique_ptr<Matrix> m_matrix;  ///< kept for its capacity
    std::array<std::byte, kMaxRepairSymbol> m_symbol;
    bool m_changed = false;  ///< since Recover looked
};

}  // namespace crsp
