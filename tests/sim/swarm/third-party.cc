// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/third-party.h"

#include <algorithm>
#include <array>

#include "model/wire/packet-header.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kMaxInjected = 600;
constexpr std::size_t kMaxKept = 200;
constexpr std::size_t kMaxGarbage = 1500;
constexpr std::size_t kMaxExtension = 40;
/// Nobody has these addresses: 203.0.113.x.
constexpr std::uint32_t kAttackers = 0xcb007100;

Interval DrawInterval(Random& random, Duration safety) {
    const Duration begin = Between(random, Duration{}, safety);
    return {begin, Between(random, begin, safety)};
}

}  // namespace

ThirdParty::ThirdParty(World& world, Verdict& verdict)
    : m_world(world),
      m_plan(world.Plan()),
      m_verdict(verdict),
      m_random(m_plan.Stream("third party")),
      m_partition(DrawInterval(m_random, m_plan.safety)),
      m_partitionSide(m_random.Next()) {
    world.Net().SetFilter([this](const auto& from, const auto& to, ConstByteSpan bytes) {
        return OnDatagram(from, to, bytes);
    });
}

bool ThirdParty::OnDatagram(const SocketAddress& from, const SocketAddress& to,
                            ConstByteSpan bytes) {
    if (m_healed) return false;
    if (Swallows(from, to, bytes.size())) return true;
    const Kept datagram{m_world.Net().ShownAs(from), to, {bytes.begin(), bytes.end()}};
    if (m_plan.Has(Fault::kStaleReplay)) Keep(datagram);
    if (m_plan.Has(Fault::kSpoof)) Spoof(datagram);
    if (m_plan.Has(Fault::kGarbage)) SendGarbage(datagram);
    if (m_plan.Has(Fault::kInitialFlood)) Flood(datagram);
    return m_plan.Has(Fault::kExtend) && Extend(datagram);
}

bool ThirdParty::Swallows(const SocketAddress& from, const SocketAddress& to, std::size_t size) {
    const auto swallows = [&](Fault fault, bool matches) {
        if (!m_plan.Has(fault) || !matches) return false;
        m_verdict.Fired(fault);
        return true;
    };
    const SocketAddress owner = m_world.Net().OwnerOf(to);
    return swallows(Fault::kMtuDrop, size > m_plan.mtu) ||
           swallows(Fault::kPartition, IsPartitioned(from, owner)) ||
           swallows(Fault::kClog, IsClogged(from) || IsClogged(owner));
}

bool ThirdParty::IsPartitioned(const SocketAddress& from, const SocketAddress& to) const {
    const Duration now = m_world.Now().time_since_epoch();
    if (now < m_partition.begin || now >= m_partition.end) return false;
    return (m_partitionSide >> ((from.bytes[3] * 7 + to.bytes[3]) % 64) & 1) != 0;
}

bool ThirdParty::IsClogged(const SocketAddress& node) const {
    Random random = m_plan.Stream("clog " + ToString(node));
    const Interval interval = DrawInterval(random, m_plan.safety);
    const Duration now = m_world.Now().time_since_epoch();
    return now >= interval.begin && now < interval.end;
}

bool ThirdParty::Strikes(Fault fault, double probability) {
    if (!m_random.Chance(probability) || m_injected >= kMaxInjected) return false;
    ++m_injected;
    m_verdict.Fired(fault);
    return true;
}

void ThirdParty::Inject(Fault fault, const SocketAddress& from, Kept datagram, Duration after) {
    m_verdict.Fired(fault);
    m_world.Net().Inject(from, datagram.to, std::move(datagram.bytes), m_world.Now() + after);
}

SocketAddress ThirdParty::Attacker() {
    // One draw after the other: compilers differ in the order of arguments.
    const auto host = static_cast<std::uint32_t>(m_random.Below(4));
    const auto port = static_cast<std::uint16_t>(1000 + m_random.Below(3));
    return SocketAddress::FromIpv4(kAttackers + host, port);
}

void ThirdParty::Keep(const Kept& datagram) {
    if (!Strikes(Fault::kStaleReplay, 0.2)) return;
    const Duration longest = m_random.Chance(0.2) ? seconds(300) : kLongestKept;
    Inject(Fault::kStaleReplay, datagram.from, datagram,
           Between(m_random, milliseconds(50), longest));
    if (m_kept.size() < kMaxKept) m_kept.push_back(datagram);
}

void ThirdParty::Spoof(const Kept& datagram) {
    if (!Strikes(Fault::kSpoof, 0.1)) return;
    // Half of the copies overtake the original.
    const Duration after = m_random.Chance(0.5) ? m_plan.broken.delay / 2 : seconds(1);
    Inject(Fault::kSpoof, Attacker(), datagram, after);
}

void ThirdParty::SendGarbage(const Kept& datagram) {
    if (!Strikes(Fault::kGarbage, 0.1)) return;
    constexpr std::array<std::uint8_t, 6> kTypes = {0x40, 0x80, 0x81, 0x82, 0x83, 0x00};
    Kept garbage = datagram;
    // Half of it begins as the original does: its connection id and number are true.
    const std::size_t whole = m_random.Chance(0.5) ? kDataHeaderLength : 0;
    garbage.bytes.resize(m_random.Below(kMaxGarbage));
    for (std::size_t i = std::min(whole, garbage.bytes.size()); i < garbage.bytes.size(); ++i) {
        garbage.bytes[i] = static_cast<std::byte>(m_random.Next());
    }
    if (whole == 0 && !garbage.bytes.empty()) {
        garbage.bytes[0] = static_cast<std::byte>(kTypes[m_random.Below(kTypes.size())]);
    }
    const auto from = m_random.Chance(0.5) ? datagram.from : Attacker();
    Inject(Fault::kGarbage, from, std::move(garbage), Between(m_random, {}, seconds(1)));
}

void ThirdParty::Flood(const Kept& datagram) {
    const auto header = DecodePacketHeader(datagram.bytes);
    if (header && std::holds_alternative<InitialHeader>(*header)) m_initials.push_back(datagram);
    if (m_initials.empty() || !Strikes(Fault::kInitialFlood, 0.1)) return;
    Kept initial = m_initials[m_random.Below(m_initials.size())];
    // As it was, of another version, or altered anywhere.
    if (m_random.Chance(0.3)) initial.bytes[2] ^= std::byte{0x10};
    if (m_random.Chance(0.3)) {
        initial.bytes[m_random.Below(initial.bytes.size())] ^= std::byte{0x04};
    }
    const SocketAddress from = Attacker();
    Inject(Fault::kInitialFlood, from, std::move(initial), Between(m_random, {}, seconds(1)));
}

bool ThirdParty::Extend(Kept datagram) {
    if (!Strikes(Fault::kExtend, 0.05)) return false;
    const std::size_t more = 1 + m_random.Below(kMaxExtension);
    for (std::size_t i = 0; i < more; ++i) {
        datagram.bytes.push_back(static_cast<std::byte>(m_random.Next()));
    }
    const auto from = datagram.from;
    Inject(Fault::kExtend, from, std::move(datagram), m_plan.broken.delay);
    return true;
}

void ThirdParty::Heal() {
    m_healed = true;
    for (Kept& kept : m_kept) {
        const auto from = kept.from;
        Inject(Fault::kStaleReplay, from, std::move(kept), m_plan.healed.delay);
    }
}

}  // namespace crsp::sim
