// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/base/time.h"

namespace crsp {

/// The earliest deadline of each connection, in a binary heap with an index: the minimum is O(1),
/// a change O(log n). Ties go to the lower key, so that order never depends on history.
class DeadlineQueue {
  public:
    using Key = std::uint64_t;

    /// Sets, moves or (without a deadline) stops the entry of `key`.
    void Set(Key key, std::optional<TimePoint> deadline);
    /// Stops `key` and frees what is kept for it between deadlines.
    void Forget(Key key);
    /// The earliest deadline of all.
    std::optional<TimePoint> Next() const;
    /// Removes and returns the key with the earliest deadline if that is due at `now`.
    std::optional<Key> PopDue(TimePoint now);

  private:
    struct Entry {
        TimePoint deadline;
        Key key;
        auto operator<=>(const Entry&) const = default;
    };

    static constexpr std::size_t kNoSlot = SIZE_MAX;

    void Place(std::size_t slot, const Entry& entry);
    /// Both take an entry whose slot is known, and write slots only of what moves. SiftUp returns
    /// where the entry is then.
    std::size_t SiftUp(std::size_t slot);
    void SiftDown(std::size_t slot);
    void RemoveAt(std::size_t slot);

    std::vector<Entry> m_heap;
    /// Slot of each known key; kNoSlot while stopped, so that restarting a timer allocates nothing.
    std::unordered_map<Key, std::size_t> m_slots;
};

}  // namespace crsp
