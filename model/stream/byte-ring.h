// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "model/base/bytes.h"
#include "model/base/range-set.h"

namespace crsp {

/// Holds a sliding window of a stream's bytes, addressed by stream offset.
///
/// Grows by powers of two up to `limit` bytes and keeps what it has, so that steady state allocates
/// nothing. The ring does not know which bytes are valid; its owner does.
class ByteRing {
  public:
    explicit ByteRing(std::size_t limit) : m_limit(limit) {}

    /// Makes room for `window`, which is at most `limit` long. The bytes of `held` keep their
    /// values; they lie inside `window`.
    void Reserve(Range held, Range window);
    /// Stores `data` at `offset`; the reserved window covers it.
    void Put(std::uint64_t offset, ConstByteSpan data);
    /// Copies out `out.size()` bytes from `offset` on.
    void Get(std::uint64_t offset, ByteSpan out) const;
    /// Gives back what `held`, whose bytes keep their values, does not need.
    void Shrink(Range held);
    /// Gives the memory back.
    void Release();

    std::size_t Capacity() const { return m_capacity; }
    std::size_t Limit() const { return m_limit; }

  private:
    void Resize(Range held, std::size_t capacity);

    std::size_t m_limit;
    std::size_t m_capacity = 0;
    std::unique_ptr<std::byte[]> m_bytes;
};

}  // namespace crsp
