// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/repair-encoder.h"

#include <algorithm>
#include <array>

#include "model/base/assert.h"
#include "model/stream/repair-code.h"

namespace crsp {
namespace {

constexpr std::uint64_t kPerCent = 100;
/// Share not used is kept for so many symbols, so that none of it becomes a burst.
constexpr std::uint64_t kMaxSymbolsSaved = 8;

}  // namespace

RepairEncoder::RepairEncoder(RepairOptions options, std::uint64_t maxSymbol)
    : m_percent(options.percent), m_maxSymbol(std::min(maxSymbol, kMaxSymbolSize)) {
    CRSP_ASSERT(maxSymbol > 0);
}

void RepairEncoder::OnWritten(Range message) {
    const std::uint64_t even = (message.Length() + kSymbolsPerMessage - 1) / kSymbolsPerMessage;
    const std::uint64_t symbolSize = std::min(std::max(even, kMinSymbolSize), m_maxSymbol);
    while (!message.Empty()) {
        const std::uint64_t end =
            std::min(message.end, message.begin + kMaxBlockSymbols * symbolSize);
        const RepairBlock block{end - message.begin, symbolSize};
        m_blocks.Push({{message.begin, end}, symbolSize, m_nextSymbol});
        m_nextSymbol =
            static_cast<std::uint8_t>((m_nextSymbol + block.Symbols()) % kRepairSymbolNumbers);
        message.begin = end;
    }
}

std::uint64_t RepairEncoder::SymbolEnd(std::uint64_t offset) const {
    const Block& block = m_blocks[m_window];
    CRSP_ASSERT(offset >= block.range.begin && offset < block.range.end);
    const std::uint64_t index = (offset - block.range.begin) / block.symbolSize;
    return std::min(block.range.end, block.range.begin + (index + 1) * block.symbolSize);
}

void RepairEncoder::OnSent(std::uint64_t sentOffset) {
    while (m_window < m_blocks.Size() && m_blocks[m_window].range.end <= sentOffset) {
        const Block& block = m_blocks[m_window++];
        m_share += m_percent * block.range.Length();
        m_share = std::min(m_share, kMaxSymbolsSaved * kPerCent * block.symbolSize);
        if (m_window <= kRepairWindow) continue;
        m_blocks.Pop();
        --m_window;
    }
}

std::uint64_t RepairEncoder::LongestSymbol() const {
    std::uint64_t longest = 0;
    for (std::size_t i = 0; i < m_window; ++i) {
        longest = std::max(longest, m_blocks[i].symbolSize);
    }
    return longest;
}

bool RepairEncoder::Due(std::uint64_t front) const {
    if (m_window == 0 || m_share < kPerCent * LongestSymbol()) return false;
    return m_blocks[m_window - 1].range.end > front;
}

RepairFrame RepairEncoder::Cover(std::uint64_t front) const {
    RepairFrame frame;
    for (std::size_t i = 0; i < m_window; ++i) {
        const Block& block = m_blocks[i];
        if (block.range.end <= front) continue;
        const std::uint64_t acked = std::max(front, block.range.begin) - block.range.begin;
        const std::uint64_t passed = (acked + block.symbolSize - 1) / block.symbolSize;
        const std::uint64_t begin = block.range.begin + passed * block.symbolSize;
        if (begin >= block.range.end) continue;
        if (frame.blockCount == 0) {
            frame.begin = begin;
            frame.firstSymbol =
                static_cast<std::uint8_t>((block.firstSymbol + passed) % kRepairSymbolNumbers);
        }
        frame.blocks[frame.blockCount++] = {block.range.end - begin, block.symbolSize};
    }
    return frame;
}

std::size_t RepairEncoder::Write(StreamId stream, const SendBuffer& buffer, PacketBuilder& out) {
    RepairFrame frame = Cover(buffer.Front());
    if (frame.blockCount == 0) {
        m_share = 0;  // the last symbol alone is open, and in part acknowledged
        return 0;
    }
    frame.stream = stream;
    frame.number = m_nextRepair;
    const auto sum = out.ReserveRepair(frame);
    if (!sum) return 0;
    std::fill(sum->begin(), sum->end(), std::byte{0});
    std::array<std::byte, kMaxSymbolSize> symbol;
    std::uint8_t number = frame.firstSymbol;
    std::uint64_t offset = frame.begin;
    for (const RepairBlock& block : frame.Blocks()) {
        const std::uint64_t end = offset + block.length;
        while (offset < end) {
            const auto length = static_cast<std::size_t>(std::min(block.symbolSize, end - offset));
            const auto bytes = ByteSpan(symbol).first(length);
            buffer.Fill(offset, bytes);
            AddMultiple(*sum, RepairCoefficient(frame.number, number), bytes);
            number = static_cast<std::uint8_t>((number + 1) % kRepairSymbolNumbers);
            offset += length;
        }
    }
    m_nextRepair = static_cast<std::uint8_t>((m_nextRepair + 1) % kRepairNumbers);
    m_share -= std::min<std::uint64_t>(m_share, kPerCent * sum->size());
    return sum->size();
}

}  // namespace crsp
