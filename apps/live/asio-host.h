// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <system_error>
#include <vector>

#include "apps/live/udp-socket.h"
#include "model/host/driver.h"
#include "model/host/host.h"

namespace crsp {

/// std::chrono::steady_clock on the engine's axis: nanoseconds since its epoch. On one machine all
/// processes share it, so instants written by one can be compared with those of another.
TimePoint SteadyNow();

/// What happened at the socket of one host.
struct HostStats {
    std::uint64_t datagramsReceived = 0;
    std::uint64_t datagramsSent = 0;
    std::uint64_t sendsBlocked = 0;  ///< times the socket's buffer was full
    std::uint64_t sendsFailed = 0;   ///< datagrams the system refused for good: lost, as on a wire
    std::uint64_t receiveErrors = 0;
    std::uint32_t kernelDrops = 0;  ///< thrown away by the kernel before this process saw them
    std::error_code lastSendError;
};

/// The engine on a Boost.Asio UDP socket: one wait for readability, one timer, no protocol.
///
/// Not thread-safe: everything runs in the thread that runs the io_context. Destroy it only when
/// the io_context will run no more, or has been drained after Stop().
class AsioHost final : public Host {
  public:
    using NowFunction = std::function<TimePoint()>;

    /// `now` is the clock that the engine sees; replay tests bring their own.
    explicit AsioHost(boost::asio::io_context& io, NowFunction now = SteadyNow);

    /// Binds the socket; see UdpSocket::Open. A host that was never opened is good for replay: what
    /// it is told to send vanishes, and no datagram arrives.
    std::error_code Open(const SocketAddress& local);
    /// Starts `driver` and feeds it from the socket from now on. `driver` must outlive the host's
    /// last turn.
    void Start(Driver& driver);
    /// Stops reading and the alarm, and closes the socket.
    void Stop();
    /// Called after every turn, when all that the turn caused has been sent.
    void SetAfterTurn(std::function<void()> hook) { m_afterTurn = std::move(hook); }
    /// Runs Driver::Pump() and the after-turn hook; for whoever gave the role a command.
    void Pump();

    SocketAddress LocalAddress() const { return m_socket.LocalAddress(); }
    HostStats Stats() const;
    int ReceiveBufferBytes() const { return m_socket.ReceiveBufferBytes(); }

    TimePoint Now() const override { return m_now(); }
    bool Send(const Transmit& transmit, ConstByteSpan bytes) override;
    void SetAlarm(std::optional<TimePoint> deadline) override;

  private:
    void WaitReadable();
    void WaitWritable();
    void OnReadable();
    void ReceiveBatch();
    /// The datagrams of one call; how many, or none if none waits.
    std::optional<int> ReceiveTrain();
    void ArmTimer();
    void OnTimer();
    void EndTurn();

    NowFunction m_now;
    UdpSocket m_socket;
    boost::asio::steady_timer m_timer;
    Driver* m_driver = nullptr;
    std::function<void()> m_afterTurn;
    std::vector<std::byte> m_buffer;
    std::optional<TimePoint> m_alarm;
    std::optional<TimePoint> m_armedFor;
    std::size_t m_trainProgress = 0;  ///< bytes of a blocked train that have already left
    /// Of this train only: the next may go to where trains are cut, and asking costs one call more.
    bool m_oneByOne = false;
    bool m_waitingWritable = false;
    HostStats m_stats;
};

}  // namespace crsp
