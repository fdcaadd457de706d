// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "apps/cli/file-descriptor.h"
#include "tests/attacks/party.h"

namespace crsp::attacks {

/// Sends datagrams to one port of the loopback at a rate, from many of its addresses, on a thread
/// of its own, until it is destroyed.
class Flooder {
  public:
    /// One of `datagrams` after the other, again and again.
    Flooder(const SocketAddress& target, std::vector<Bytes> datagrams, double perSecond);
    ~Flooder();
    Flooder(const Flooder&) = delete;
    Flooder& operator=(const Flooder&) = delete;

    /// So far.
    std::uint64_t Sent() const { return m_sent; }

  private:
    void OpenSockets(const SocketAddress& target);
    void Run();
    /// Sends up to `most`; how many went.
    std::uint64_t SendBatch(std::uint64_t most);

    std::vector<Bytes> m_datagrams;
    double m_perSecond;
    std::vector<FileDescriptor> m_sockets;
    std::size_t m_nextSocket = 0;
    std::size_t m_nextDatagram = 0;
    std::atomic<std::uint64_t> m_sent{0};
    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};

}  // namespace crsp::attacks
