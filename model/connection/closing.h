// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "model/wire/frames.h"

namespace crsp {

/// A connection that we ended: what to say to a peer that has not noticed (CRSP §8.4).
class Closing {
  public:
    Closing() = default;
    Closing(bool application, std::uint64_t code, std::string reason)
        : m_application(application), m_code(code), m_reason(std::move(reason)), m_pending(true) {}

    /// The peer still sends. It gets the close again after its 1st, 2nd, 4th, 8th ... packet, so
    /// that two ends never keep each other busy (RFC 9000 §10.2.1).
    void OnPacketReceived() {
        if (++m_heard == m_answerAt) {
            m_answerAt *= 2;
            m_pending = true;
        }
    }
    bool Pending() const { return m_pending; }
    void OnSent() { m_pending = false; }
    ConnectionCloseFrame Frame() const { return {m_application, m_code, m_reason}; }

  private:
    bool m_application = false;
    std::uint64_t m_code = 0;
    std::string m_reason;
    bool m_pending = false;
    std::uint64_t m_heard = 0;
    std::uint64_t m_answerAt = 1;
};

}  // namespace crsp
