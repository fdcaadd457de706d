// SPDX-License-Identifier: BSD-3-Clause
// R3: handshakes over links that lose and corrupt.
#include <fmt/format.h>

#include "tests/attacks/row.h"
#include "tests/sim/lossy-handshakes.h"

namespace crsp::attacks {
namespace {

constexpr Duration kLimit = seconds(20);

double Seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

Row Shake(const std::string& name, const ImpairmentConfig& link, std::uint64_t count) {
    const auto tally = sim::ShakeHands(link, 1, count);
    const auto p99 = tally.Quantile(0.99);
    return {"R3", fmt::format("{}: {} keyed handshakes and an echo", name, count),
            fmt::format("{} complete, p50 {:.2f} s, p99 {:.2f} s, last {:.2f} s", tally.echoed,
                        Seconds(tally.Quantile(0.5)), Seconds(p99), Seconds(tally.Quantile(1))),
            "all, p99 20 s", tally.echoed == count && tally.connected == count && p99 <= kLimit};
}

}  // namespace

Rows LossyHandshakes(const Scale& scale) {
    return {Shake("30 % loss each way, 3 in a row", sim::BurstyLink(0.3, 3), scale.handshakes),
            Shake("30 % corrupted each way", sim::CorruptingLink(0.3), scale.handshakes)};
}

}  // namespace crsp::attacks
