// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/wire/types.h"

namespace crsp {

/// What the application is told about a stream; the events of connection/event.h of like names.
enum class StreamEventKind : std::uint8_t {
    kOpened,    ///< by the peer
    kReadable,  ///< edge-triggered: again only after a Read that returned less than it offered
    kWritable,  ///< after a Write that was cut short
    kReset,     ///< the peer abandoned its sending; `code` says why
    kStopped,   ///< the peer does not read any more; `code` says why
};

struct StreamEvent {
    StreamEventKind kind;
    StreamId stream;
    std::uint64_t code = 0;

    bool operator==(const StreamEvent&) const = default;
};

/// First in, first out; its memory is kept.
class StreamEventQueue {
  public:
    void Push(const StreamEvent& event) { m_events.push_back(event); }
    std::optional<StreamEvent> Poll();

  private:
    std::vector<StreamEvent> m_events;
    std::size_t m_head = 0;
};

}  // namespace crsp
