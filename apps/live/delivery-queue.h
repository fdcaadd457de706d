// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/time.h"

namespace crsp {

/// Bytes that may wait for their time, over all links of a relay.
inline constexpr std::size_t kMaxQueuedBytes = 256 * 1024 * 1024;

/// How late things happened, in powers of two of a microsecond.
class LatenessHistogram {
  public:
    void Add(Duration lateness);
    std::uint64_t Count() const { return m_count; }
    Duration Max() const { return m_max; }
    Duration Mean() const;
    /// An upper bound of the `share` quantile (0 to 1), at most twice the true value.
    Duration Quantile(double share) const;

  private:
    std::array<std::uint64_t, 40> m_buckets{};
    std::uint64_t m_count = 0;
    Duration m_sum{};
    Duration m_max{};
};

/// Holds datagrams until their time and then hands them out in order of time, those of equal time
/// in the order of Add. The timer is the system's high-resolution one: deliveries come some 0.05 to
/// 0.2 ms late on an idle machine, never early.
class DeliveryQueue {
  public:
    using Deliver = std::function<void(ByteSpan)>;

    explicit DeliveryQueue(boost::asio::io_context& io);

    /// False if kMaxQueuedBytes would be exceeded; nothing is kept then.
    bool Add(TimePoint at, ConstByteSpan datagram, Deliver deliver);
    const LatenessHistogram& Lateness() const { return m_lateness; }
    std::size_t Size() const { return m_heap.size(); }

  private:
    struct Item {
        TimePoint at;
        std::uint64_t sequence;
        std::size_t slot;
    };
    struct Slot {
        std::vector<std::byte> bytes;
        Deliver deliver;
    };
    static bool Later(const Item& a, const Item& b);

    std::size_t TakeSlot();
    void Arm();
    void OnTimer();
    void DeliverFirst(TimePoint now);

    boost::asio::steady_timer m_timer;
    std::vector<Item> m_heap;
    std::vector<Slot> m_slots;
    std::vector<std::size_t> m_free;
    std::size_t m_bytes = 0;
    std::uint64_t m_sequence = 0;
    std::optional<TimePoint> m_armedFor;
    LatenessHistogram m_lateness;
};

}  // namespace crsp
