// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "model/host/driver.h"

namespace crsp::test {

/// Everything that went into one driver, and every datagram that came out.
class Recording : public DriverObserver {
  public:
    enum class Kind { kDatagram, kAlarm, kPump };

    struct Input {
        Kind kind;
        TimePoint at;
        SocketAddress source;
        Ecn ecn;
        std::vector<std::byte> bytes;
    };
    struct Output {
        TimePoint at;
        SocketAddress destination;
        Ecn ecn;
        std::size_t segmentSize;
        std::vector<std::byte> bytes;

        bool operator==(const Output&) const = default;
    };

    void OnInputDatagram(TimePoint now, const Datagram& datagram) override;
    void OnInputAlarm(TimePoint now) override;
    void OnInputPump(TimePoint now) override;
    void OnOutput(TimePoint now, const Transmit& transmit, ConstByteSpan bytes) override;

    const std::vector<Input>& Inputs() const { return m_inputs; }
    const std::vector<Output>& Outputs() const { return m_outputs; }
    std::size_t CountOf(Kind kind) const;
    /// Damages the `index`th datagram received.
    void Flip(std::size_t index);

  private:
    std::vector<Input> m_inputs;
    std::vector<Output> m_outputs;
};

/// One call to make on a driver at one time.
struct ReplayStep {
    TimePoint at;
    std::function<void(Driver&)> call;
};

/// The calls that made a recording of a driver from its Start() on. `recording` must outlive them.
std::vector<ReplayStep> StepsOf(const Recording& recording);

}  // namespace crsp::test
