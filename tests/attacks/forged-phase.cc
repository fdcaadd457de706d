// SPDX-License-Identifier: BSD-3-Clause
// B12: forgeries that claim to be sealed under the next key.
#include <fmt/format.h>

#include <algorithm>

#include "tests/attacks/party.h"
#include "tests/attacks/row.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::attacks {
namespace {

constexpr int kPackets = 20'000;
constexpr int kRepeats = 5;
constexpr std::size_t kRoom = kMinDatagramSize - kDataHeaderLength - kAeadTagLength;
constexpr double kMostTimesNormal = 2;

/// Nanoseconds to refuse a packet whose last byte was altered, of this key phase or of the other.
double NanosecondsToRefuse(bool otherPhase) {
    constexpr std::byte kPhaseBit{1};
    double best = 1e9;
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        test::SealingPeer peer;
        peer.Establish();
        Bytes forged = peer.Seal(peer.nextNumber, Bytes(kRoom, std::byte{1}));
        forged.back() ^= std::byte{1};
        if (otherPhase) forged.front() ^= kPhaseBit;
        Bytes copy(forged.size());
        double cpu = 0;
        for (int i = 0; i < kPackets; ++i) {
            std::copy(forged.begin(), forged.end(), copy.begin());  // it is opened in place
            const double begin = CpuSeconds();
            Give(peer.endpoint, peer.now, test::kInitiatorAddress, copy);
            cpu += CpuSeconds() - begin;
        }
        if (peer.endpoint.StatsOf(peer.handle)->keyUpdates != 0) return 1e9;
        best = std::min(best, cpu * 1e9 / kPackets);
    }
    return best;
}

}  // namespace

Rows ForgedPhases(const Scale&) {
    const double normal = NanosecondsToRefuse(false);
    const double other = NanosecondsToRefuse(true);
    return {{"B12", "a forged packet of 1200 bytes that claims to be of the next key phase",
             fmt::format("{:.0f} ns, {:.1f} times any other forgery", other, other / normal),
             "2 times", other <= kMostTimesNormal * normal}};
}

}  // namespace crsp::attacks
