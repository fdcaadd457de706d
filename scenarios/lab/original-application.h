// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/ptr.h"
#include "ns3/socket.h"
#include "scenarios/original/party.h"

namespace ns3 {

/// A party of the original protocol in ns-3, on one UDP socket for each of its ports.
class CrspOriginalApplication : public Application {
  public:
    static TypeId GetTypeId();

    /// Before the application starts. `party` outlives it; `ports` are as many as the party needs.
    /// `hook` is called after each of its turns.
    void SetParty(crsp::original::Party& party, std::vector<std::uint16_t> ports,
                  std::function<void()> hook = {});

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;
    void OnReadable(Ptr<Socket> socket);
    void OnTimeout();
    void EndTurn();

    crsp::original::Party* m_party = nullptr;
    std::vector<std::uint16_t> m_ports;
    std::function<void()> m_hook;
    std::vector<Ptr<Socket>> m_sockets;
    EventId m_alarm;
};

}  // namespace ns3
