// SPDX-License-Identifier: BSD-3-Clause
#include "tests/attacks/spoofer.h"

#include <algorithm>

#include "model/connection/initial-macs.h"
#include "model/wire/packet-header.h"

namespace crsp::attacks {

Spoofer::Spoofer(HandshakeMode mode, bool valid, std::uint64_t seed)
    : m_mode(mode),
      m_random(seed),
      m_caller(mode, valid ? kListed : kUnlisted),
      m_mac1Key(Mac1KeyOfServer(mode)) {
    for (std::size_t i = 0; i < kPool; ++i) m_pool.push_back(m_caller.Initial());
    m_seen = m_pool;
}

ByteSpan Spoofer::Next() {
    using Make = void (Spoofer::*)();
    static constexpr Make kMakes[] = {
        &Spoofer::Valid,       &Spoofer::Replay,       &Spoofer::OtherId,   &Spoofer::OtherVersion,
        &Spoofer::OtherMode,   &Spoofer::WrongMac,     &Spoofer::BitFlips,  &Spoofer::OtherSize,
        &Spoofer::Coalesced,   &Spoofer::ForgedCookie, &Spoofer::OtherType, &Spoofer::Noise,
        &Spoofer::UnknownData,
    };
    (this->*kMakes[m_random.Below(std::size(kMakes))])();
    if (m_random.Below(16) == 0) m_seen[m_random.Below(m_seen.size())] = m_datagram;
    return m_datagram;
}

void Spoofer::Valid() {
    m_datagram = m_pool[m_random.Below(kPool)];
    if (m_random.Below(kFreshOneIn) == 0) m_datagram = m_caller.Initial();
}

void Spoofer::Replay() {
    m_datagram = m_seen[m_random.Below(m_seen.size())];
}

void Spoofer::Seal() {
    if (m_datagram.size() > kInitialMacsLength) WriteMac1(m_datagram, m_mac1Key);
}

void Spoofer::OtherId() {
    Valid();
    m_datagram[7 + m_random.Below(8)] ^= std::byte{0x55};
    Seal();
}

void Spoofer::OtherVersion() {
    Valid();
    m_datagram[1 + m_random.Below(4)] ^= std::byte{0x11};
    m_datagram.resize(AnyLength());
    Seal();
}

void Spoofer::OtherMode() {
    Valid();
    m_datagram[5] = static_cast<std::byte>(m_random.Below(4));
    m_datagram[6] = static_cast<std::byte>(m_random.Below(6));
    Seal();
}

void Spoofer::WrongMac() {
    Valid();
    m_datagram[m_datagram.size() - 17 - m_random.Below(16)] ^= std::byte{1};
}

void Spoofer::BitFlips() {
    Valid();
    for (auto i = m_random.Below(4); i < 4; ++i) {
        m_datagram[m_random.Below(m_datagram.size())] ^= std::byte{1} << m_random.Below(8);
    }
    if (m_random.Chance(0.5)) Seal();
}

void Spoofer::OtherSize() {
    Valid();
    m_datagram.resize(AnyLength());
    if (m_random.Chance(0.5)) Seal();
}

void Spoofer::Coalesced() {
    Valid();
    const std::size_t whole = m_datagram.size();
    m_datagram.resize(whole + m_random.Below(kLongest - whole + 1));
    for (std::size_t i = whole; i < m_datagram.size(); ++i) {
        m_datagram[i] = static_cast<std::byte>(m_random.Next());
    }
}

void Spoofer::ForgedCookie() {
    Valid();
    for (auto& byte : ByteSpan(m_datagram).last(kMacLength)) {
        byte = static_cast<std::byte>(m_random.Next());
    }
}

void Spoofer::Noise() {
    m_datagram.resize(AnyLength());
    for (auto& byte : m_datagram) byte = static_cast<std::byte>(m_random.Next());
}

void Spoofer::UnknownData() {
    Noise();
    m_datagram.resize(std::max(m_datagram.size(), kDataHeaderLength));
    EncodePacketHeader(m_datagram, DataHeader{m_random.Next(), m_random.Below(100)});
}

void Spoofer::OtherType() {
    static constexpr PacketType kTypes[] = {PacketType::kResponse, PacketType::kVersionNegotiation,
                                            PacketType::kRetry,    PacketType::kReset,
                                            PacketType::kFinish,   PacketType::kInitial};
    Noise();
    if (!m_datagram.empty()) {
        m_datagram[0] = static_cast<std::byte>(kTypes[m_random.Below(std::size(kTypes))]);
    }
}

}  // namespace crsp::attacks
