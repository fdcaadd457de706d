// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-grid.h"

#include <fmt/format.h>

namespace crsp::lab {

std::string LossName(const BenchLoss& loss) {
    if (loss.burst > 1) return fmt::format("ge{:.6g}b{:.6g}", 100 * loss.share, loss.burst);
    return fmt::format("loss{:.6g}", 100 * loss.share);
}

std::string PathName(double rate, Duration rtt) {
    return fmt::format("{:.6g}M-{:.6g}ms", rate / kMegabit, ToMilliseconds(rtt));
}

std::vector<BenchLink> BenchPaths(bool quick) {
    std::vector<BenchLink> paths;
    for (const double rate : {10 * kMegabit, 100 * kMegabit}) {
        for (const auto rtt : {milliseconds(20), milliseconds(100), milliseconds(300)}) {
            const bool inQuick = rate == 10 * kMegabit && rtt == milliseconds(100);
            if (quick && !inQuick) continue;
            BenchLink& link = paths.emplace_back();
            link.rate = rate;
            link.rtt = rtt;
        }
    }
    return paths;
}

std::vector<BenchVariant> StandardVariants(bool quick) {
    if (quick) return {std::string(kGatedVariant), std::string(kTcpCubic)};
    return {std::string(kGatedVariant), "crsp/bbr", "crsp/cubic", std::string(kTcpNewReno),
            std::string(kTcpCubic)};
}

}  // namespace crsp::lab
