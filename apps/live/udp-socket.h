// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/base/socket-address.h"
#include "model/wire/types.h"

namespace crsp {

/// What the kernel is asked to hold for a socket, each way: a stall of the process of 30 ms at
/// 1 Gbit/s. The system may grant less (`net.core.rmem_max`).
inline constexpr int kSocketBufferBytes = 4 * 1024 * 1024;

/// Room for the largest UDP datagram there is.
inline constexpr std::size_t kMaxUdpPayload = 65535;

/// Datagrams that the kernel cuts from one call (UDP_MAX_SEGMENTS of Linux until 6.9).
inline constexpr std::size_t kMaxSegments = 64;

/// A non-blocking UDP socket. Asio waits for it; receiving and sending go to the system directly,
/// because Asio has neither ECN marks nor batches. A train of datagrams leaves in one call where
/// the kernel cuts it (generic segmentation offload, Linux 4.18), which costs a tenth.
class UdpSocket {
  public:
    struct Received {
        SocketAddress source;
        Ecn ecn = Ecn::kNotEct;
        std::size_t size = 0;
        std::size_t segmentSize = 0;  ///< of each datagram but the last, which may be shorter
    };
    enum class SendResult {
        kSent,
        kBlocked,  ///< the socket's buffer is full: wait until it is writable
        kFailed,   ///< this can never leave (no route, too long, refused by a filter)
        kUncut     ///< nothing has left: the system does not cut this train, but may cut others
    };

    explicit UdpSocket(boost::asio::io_context& io) : m_socket(io) {}

    /// Binds to `local`; port 0 picks a free one. An IPv6 wildcard takes IPv4 as well.
    std::error_code Open(const SocketAddress& local);
    void Close();
    bool IsOpen() const { return m_socket.is_open(); }
    /// The bound address, with the real port.
    SocketAddress LocalAddress() const;

    /// From now on Receive() may give datagrams of one source together (generic receive offload,
    /// Linux 5.0; older ones take no notice). `buffer` must then have kMaxUdpPayload bytes.
    void ReceiveTrains();
    /// Takes the next waiting datagram into `buffer`. The error is
    /// `resource_unavailable_try_again` if none waits; others concern one datagram or one earlier
    /// send, never the socket's life.
    Expected<Received, std::error_code> Receive(ByteSpan buffer);
    /// One datagram; LastSendError() says why it failed.
    SendResult Send(const SocketAddress& destination, Ecn ecn, ConstByteSpan payload) {
        return SendTrain(destination, ecn, payload, payload.size());
    }
    /// Datagrams of `segmentSize`, the last of which may be shorter; at most TrainBytes() of them.
    SendResult SendTrain(const SocketAddress& destination, Ecn ecn, ConstByteSpan payload,
                         std::size_t segmentSize);
    /// How many bytes of datagrams of `segmentSize` one call takes.
    static std::size_t TrainBytes(std::size_t segmentSize);

    std::error_code LastSendError() const { return m_lastSendError; }
    /// Datagrams the kernel threw away because nobody took them in time (SO_RXQ_OVFL).
    std::uint32_t KernelDrops() const { return m_kernelDrops; }
    /// What the kernel granted of kSocketBufferBytes for receiving, as it counts it (with
    /// overhead).
    int ReceiveBufferBytes() const;

    template <class Handler>
    void AsyncWaitReadable(Handler handler) {
        m_socket.async_wait(boost::asio::ip::udp::socket::wait_read, std::move(handler));
    }
    template <class Handler>
    void AsyncWaitWritable(Handler handler) {
        m_socket.async_wait(boost::asio::ip::udp::socket::wait_write, std::move(handler));
    }

  private:
    std::error_code Configure(int family, bool wildcard);

    boost::asio::ip::udp::socket m_socket;
    bool m_ipv6 = false;
    std::uint32_t m_kernelDrops = 0;
    std::error_code m_lastSendError;
};

}  // namespace crsp
