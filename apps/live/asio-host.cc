// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/asio-host.h"

#include <algorithm>
#include <chrono>

namespace crsp {
namespace {

/// Datagrams taken per turn before timers and sending get their chance. Every one counts, also
/// those of zero length, so that a flood cannot keep the host from its own work.
constexpr int kDatagramsPerTurn = 64;

bool Aborted(const boost::system::error_code& error) {
    return error == boost::asio::error::operation_aborted;
}

}  // namespace

TimePoint SteadyNow() {
    return TimePoint(
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

AsioHost::AsioHost(boost::asio::io_context& io, NowFunction now)
    : m_now(std::move(now)), m_socket(io), m_timer(io), m_buffer(kMaxUdpPayload) {}

void AsioHost::Start(Driver& driver) {
    m_driver = &driver;
    m_driver->Start();
    EndTurn();
    if (m_socket.IsOpen()) WaitReadable();
}

void AsioHost::Stop() {
    m_alarm.reset();
    m_armedFor.reset();
    m_timer.cancel();
    m_stats.kernelDrops = m_socket.KernelDrops();
    m_socket.Close();
}

void AsioHost::Pump() {
    m_driver->Pump();
    EndTurn();
}

HostStats AsioHost::Stats() const {
    HostStats stats = m_stats;
    stats.kernelDrops = m_socket.KernelDrops();
    stats.lastSendError = m_socket.LastSendError();
    return stats;
}

std::error_code AsioHost::Open(const SocketAddress& local) {
    const auto error = m_socket.Open(local);
    if (!error) m_socket.ReceiveTrains();
    return error;
}

bool AsioHost::Send(const Transmit& transmit, ConstByteSpan bytes) {
    if (!m_socket.IsOpen()) return true;
    while (m_trainProgress < transmit.size) {
        const auto most = m_oneByOne ? transmit.segmentSize
                                     : UdpSocket::TrainBytes(transmit.segmentSize);
        const auto size = std::min(transmit.size - m_trainProgress, most);
        const auto result =
            m_socket.SendTrain(transmit.destination, transmit.ecn,
                               bytes.subspan(m_trainProgress, size), transmit.segmentSize);
        if (result == UdpSocket::SendResult::kUncut) {
            m_oneByOne = true;
            continue;
        }
        if (result == UdpSocket::SendResult::kBlocked) {
            ++m_stats.sendsBlocked;
            WaitWritable();
            return false;
        }
        // A datagram the system will not take is lost on the wire's first metre: recovery sees to
        // it.
        (result == UdpSocket::SendResult::kSent ? m_stats.datagramsSent : m_stats.sendsFailed) +=
            (size + transmit.segmentSize - 1) / transmit.segmentSize;
        m_trainProgress += size;
    }
    m_trainProgress = 0;
    m_oneByOne = false;
    return true;
}

void AsioHost::SetAlarm(std::optional<TimePoint> deadline) {
    m_alarm = deadline;
    // A timer that runs out earlier than needed re-arms itself; moving it at each turn would cost
    // a system call per batch.
    if (m_alarm && (!m_armedFor || *m_alarm < *m_armedFor)) ArmTimer();
}

void AsioHost::WaitReadable() {
    m_socket.AsyncWaitReadable([this](const boost::system::error_code& error) {
        if (Aborted(error)) return;
        OnReadable();
    });
}

void AsioHost::WaitWritable() {
    if (m_waitingWritable) return;
    m_waitingWritable = true;
    m_socket.AsyncWaitWritable([this](const boost::system::error_code& error) {
        if (Aborted(error)) return;
        m_waitingWritable = false;
        Pump();
    });
}

void AsioHost::OnReadable() {
    ReceiveBatch();
    m_driver->Pump();
    EndTurn();
    if (m_socket.IsOpen()) WaitReadable();
}

void AsioHost::ReceiveBatch() {
    for (int taken = 0; taken < kDatagramsPerTurn;) {
        const auto more = ReceiveTrain();
        if (!more) return;
        taken += *more;
    }
}

std::optional<int> AsioHost::ReceiveTrain() {
    const auto received = m_socket.Receive(m_buffer);
    if (!received) {
        if (received.error() == std::errc::resource_unavailable_try_again) return std::nullopt;
        ++m_stats.receiveErrors;
        return 1;
    }
    int count = 0;
    auto rest = ByteSpan(m_buffer).first(received->size);
    do {
        const auto size = std::min(rest.size(), received->segmentSize);
        m_driver->OnDatagram(
            {.source = received->source, .ecn = received->ecn, .payload = rest.first(size)});
        rest = rest.subspan(size);
        ++count;
    } while (!rest.empty());
    m_stats.datagramsReceived += static_cast<std::uint64_t>(count);
    return count;
}

void AsioHost::ArmTimer() {
    m_armedFor = m_alarm;
    m_timer.expires_after(std::max(*m_alarm - Now(), Duration::zero()));
    m_timer.async_wait([this](const boost::system::error_code& error) {
        if (Aborted(error)) return;
        OnTimer();
    });
}

void AsioHost::OnTimer() {
    m_armedFor.reset();
    if (!m_alarm) return;
    if (Now() < *m_alarm) return ArmTimer();
    m_alarm.reset();
    m_driver->OnAlarm();
    EndTurn();
}

void AsioHost::EndTurn() {
    if (m_afterTurn) m_afterTurn();
}

}  // namespace crsp
