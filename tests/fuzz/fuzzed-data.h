// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/base/bytes.h"

namespace crsp::fuzz {

using Bytes = std::vector<std::byte>;

/// Takes the fuzzer's bytes apart into decisions, from the front to the back, so that seeds can be
/// written by hand and a dictionary hits. Past the end everything is zero.
class FuzzedData {
  public:
    FuzzedData(const std::uint8_t* data, std::size_t size)
        : m_in(ConstByteSpan(reinterpret_cast<const std::byte*>(data), size)) {}

    bool Empty() const { return m_in.Empty(); }
    std::uint8_t U8() { return m_in.U8().value_or(0); }
    std::uint16_t U16() { return m_in.U16().value_or(0); }
    bool Flag() { return (U8() & 1) != 0; }
    /// Less than `limit`, which is at least 1 and at most 2^16.
    std::size_t Below(std::size_t limit) { return limit <= 256 ? U8() % limit : U16() % limit; }
    /// Any number up to 2^62, small ones in one byte.
    std::uint64_t Number() {
        if (const auto number = m_in.Varint()) return *number;
        m_in.Rest();
        return 0;
    }
    /// A length of one byte, or of 0xff and two more, and as many bytes as are there.
    ConstByteSpan Chunk() {
        std::size_t length = U8();
        if (length == 0xff) length = U16();
        return *m_in.Bytes(std::min(length, m_in.Remaining()));
    }
    Bytes ChunkCopy() {
        const auto chunk = Chunk();
        return {chunk.begin(), chunk.end()};
    }
    ConstByteSpan Rest() { return m_in.Rest(); }

  private:
    ByteReader m_in;
};

}  // namespace crsp::fuzz
