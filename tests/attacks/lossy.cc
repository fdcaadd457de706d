// SPDX-License-Identifier: BSD-3-Clause
// R3: handshakes over links that lose and corrupt.
#include <fmt/format.h>

#include "tests/attacks/row.h"
#include "tests/sim/lossy-handshakes.h"

namespace crsp::attacks {
namespace {

constexpr Duration kDefaultPatience = seconds(20);
constexpr Duration kLongPatience = seconds(60);
constexpr Duration kLimit = seconds(20);

double Seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

/// A row; with `binding` it is held to the criterion, else only told.
Row Shake(const std::string& name, const ImpairmentConfig& link, std::uint64_t count,
          Duration patience, bool binding) {
    const auto tally = sim::ShakeHands(link, 1, count, patience);
    const auto p99 = tally.Quantile(0.99);
    return {"R3",
            fmt::format("{}: {} keyed handshakes and an echo, patience {:.0f} s", name, count,
                        Seconds(patience)),
            fmt::format("{} complete, p50 {:.2f} s, p99 {:.2f} s, last {:.2f} s", tally.echoed,
                        Seconds(tally.Quantile(0.5)), Seconds(p99), Seconds(tally.Quantile(1))),
            binding ? "all, p99 20 s" : "",
            tally.echoed == count && tally.connected == count && p99 <= kLimit};
}

}  // namespace

Rows LossyHandshakes(const Scale& scale) {
    const auto bursts = sim::BurstyLink(0.3, 3);
    Row told =
        Shake("30 % loss each way, 3 in a row", bursts, scale.handshakes, kDefaultPatience, false);
    told.kept = true;
    return {told,
            Shake("30 % loss each way, 3 in a row", bursts, scale.handshakes, kLongPatience, true),
            Shake("30 % corrupted each way", sim::CorruptingLink(0.3), scale.handshakes,
                  kDefaultPatience, true)};
}

}  // namespace crsp::attacks
