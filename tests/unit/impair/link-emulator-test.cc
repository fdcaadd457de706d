// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/link-emulator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace crsp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBytes = 1200;
constexpr int kPackets = 50'000;

using Change = std::function<void(ImpairmentConfig&)>;

/// Everything on, at rates that leave enough of each kind to compare.
ImpairmentConfig Everything() {
    ImpairmentConfig config;
    config.loss.process = GilbertElliottLoss{0.02, 0.2, 0.01, 0.6};
    config.loss.dropList.Add({1, 3});
    config.delay = 20ms;
    config.jitter = {JitterConfig::Kind::kTruncatedNormal, 5ms, true};
    config.reorder = {0.05, 10ms};
    config.duplicate = {0.05, 2};
    config.corrupt = {0.05, 2, 0};
    config.truncate.probability = 0.02;
    config.rate.bitsPerSecond = 10'000'000;
    config.rate.queueBytes = 20'000;
    config.blackout.intervals = {{1s, 1500ms}};
    return config;
}

std::vector<Verdict> OfferAll(const ImpairmentConfig& config, std::uint64_t seed = 1,
                              std::string_view name = "link", int packets = kPackets) {
    LinkEmulator link(config, seed, name);
    std::vector<Verdict> verdicts;
    for (int i = 0; i < packets; ++i) verdicts.push_back(link.Offer(TimePoint{i * 1ms}, kBytes));
    return verdicts;
}

LinkCounters Count(const ImpairmentConfig& config) {
    LinkEmulator link(config, 1, "link");
    for (int i = 0; i < kPackets; ++i) link.Offer(TimePoint{i * 1ms}, kBytes);
    return link.Counters();
}

void ExpectShare(std::uint64_t count, double probability, std::uint64_t of = kPackets) {
    const double n = static_cast<double>(of);
    EXPECT_NEAR(static_cast<double>(count), n * probability,
                4 * std::sqrt(n * probability * (1 - probability)));
}

bool Same(const Verdict& a, const Verdict& b) {
    if (a.Reason() != b.Reason() || a.Deliveries().size() != b.Deliveries().size()) return false;
    for (std::size_t i = 0; i < a.Deliveries().size(); ++i) {
        const auto& x = a.Deliveries()[i];
        const auto& y = b.Deliveries()[i];
        if (x.at != y.at || x.corruption != y.corruption) return false;
    }
    return true;
}

bool Same(const std::vector<Verdict>& a, const std::vector<Verdict>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!Same(a[i], b[i])) return false;
    }
    return a.size() == b.size();
}

TEST(LinkEmulator, ByDefaultPacketsArriveAtOnceAndWhole) {
    for (const auto& verdict : OfferAll({})) {
        ASSERT_FALSE(verdict.Dropped());
        ASSERT_EQ(verdict.Deliveries().size(), 1U);
        ASSERT_FALSE(verdict.Deliveries()[0].corruption);
    }
    EXPECT_EQ(OfferAll({})[7].Deliveries()[0].at, TimePoint{7ms});
}

TEST(LinkEmulator, SameInputsSameVerdicts) {
    EXPECT_TRUE(Same(OfferAll(Everything(), 3), OfferAll(Everything(), 3)));
    EXPECT_FALSE(Same(OfferAll(Everything(), 3), OfferAll(Everything(), 4)));
}

TEST(LinkEmulator, NamesAreIndependentLinks) {
    ImpairmentConfig config;
    config.loss.process = BernoulliLoss{0.5, 0};
    const auto up = OfferAll(config, 1, "up");
    const auto down = OfferAll(config, 1, "down");
    std::uint64_t both = 0;
    for (std::size_t i = 0; i < up.size(); ++i) both += up[i].Dropped() && down[i].Dropped();
    ExpectShare(both, 0.25);
}

TEST(LinkEmulator, RealisedSharesAreAsConfigured) {
    ImpairmentConfig config;
    config.loss.process = BernoulliLoss{0.1, 0};
    config.duplicate.probability = 0.02;
    config.corrupt.probability = 0.03;
    config.truncate.probability = 0.01;
    config.reorder = {0.05, 5ms};
    const auto counters = Count(config);
    ExpectShare(counters.Dropped(DropReason::kLoss), 0.1);
    EXPECT_NEAR(counters.LossShare(), 0.1, 0.006);
    ExpectShare(counters.duplicated, 0.02, counters.delivered);
    const auto arrivals = counters.delivered + counters.duplicated;
    ExpectShare(counters.corrupted, 0.03, arrivals);
    ExpectShare(counters.truncated, 0.01, arrivals);
    ExpectShare(counters.heldBack, 0.05, counters.delivered);
}

TEST(LinkEmulator, CountersAddUp) {
    LinkEmulator link(Everything(), 1, "link");
    std::array<std::uint64_t, kDropReasons> dropped{};
    std::uint64_t copies = 0;
    std::uint64_t corrupted = 0;
    std::uint64_t truncated = 0;
    for (int i = 0; i < kPackets; ++i) {
        const auto verdict = link.Offer(TimePoint{i * 1ms}, kBytes);
        if (verdict.Dropped()) ++dropped[static_cast<std::size_t>(verdict.Reason())];
        ASSERT_EQ(verdict.Dropped(), verdict.Deliveries().empty());
        copies += verdict.Deliveries().empty() ? 0 : verdict.Deliveries().size() - 1;
        for (const auto& delivery : verdict.Deliveries()) {
            corrupted += delivery.corruption && delivery.corruption->bitCount == 2;
            truncated += delivery.corruption && delivery.corruption->truncateTo;
        }
    }
    const auto& counters = link.Counters();
    EXPECT_EQ(counters.dropped, dropped);
    EXPECT_GT(dropped[static_cast<std::size_t>(DropReason::kLoss)], 0U);
    EXPECT_EQ(dropped[static_cast<std::size_t>(DropReason::kBlackout)], 500U);
    EXPECT_EQ(counters.duplicated, copies);
    EXPECT_EQ(counters.corrupted, corrupted);
    EXPECT_EQ(counters.truncated, truncated);
    EXPECT_EQ(counters.offered, static_cast<std::uint64_t>(kPackets));
    EXPECT_EQ(counters.delivered + dropped[1] + dropped[2] + dropped[3], counters.offered);
    EXPECT_EQ(counters.bytesOffered, kPackets * kBytes);
    EXPECT_EQ(counters.bytesDelivered, counters.delivered * kBytes);
}

/// Each change switches one impairment; `keeps` says which verdicts may not differ by it.
struct Independence {
    const char* what;
    Change change;
    std::function<bool(const Verdict&, const Verdict&)> keeps;
};

bool SameReason(const Verdict& a, const Verdict& b) {
    return a.Reason() == b.Reason();
}

bool SameOriginal(const Verdict& a, const Verdict& b) {
    if (a.Dropped() || b.Dropped()) return a.Reason() == b.Reason();
    const auto& x = a.Deliveries()[0];
    const auto& y = b.Deliveries()[0];
    return x.at == y.at && x.corruption == y.corruption;
}

bool SameIfBothArrive(const Verdict& a, const Verdict& b) {
    return a.Dropped() || b.Dropped() || Same(a, b);
}

TEST(LinkEmulator, OneImpairmentDoesNotMoveTheOthers) {
    const Independence cases[] = {
        {"duplication off", [](auto& c) { c.duplicate.probability = 0; }, SameOriginal},
        {"more duplication",
         [](auto& c) {
             c.duplicate = {0.5, 3};
         },
         SameOriginal},
        {"corruption off", [](auto& c) { c.corrupt.probability = 0; }, SameReason},
        {"more flips", [](auto& c) { c.corrupt.flippedBits = 8; }, SameReason},
        {"no reordering", [](auto& c) { c.reorder.probability = 0; }, SameReason},
        {"no jitter", [](auto& c) { c.jitter = {}; }, SameReason},
        {"loss off", [](auto& c) { c.loss = {}; }, SameIfBothArrive},
        {"no blackout", [](auto& c) { c.blackout = {}; }, SameIfBothArrive},
    };
    const auto base = OfferAll(Everything());
    for (const auto& [what, change, keeps] : cases) {
        auto config = Everything();
        change(config);
        const auto other = OfferAll(config);
        for (std::size_t i = 0; i < base.size(); ++i) {
            ASSERT_TRUE(keeps(base[i], other[i])) << what << ", packet " << i;
        }
        EXPECT_FALSE(Same(base, other)) << what;
    }
}

TEST(LinkEmulator, WithoutReorderingLossesDoNotMoveArrivals) {
    auto config = Everything();
    config.jitter.mayReorder = false;
    config.reorder = {};
    const auto lossy = OfferAll(config);
    config.loss = {};
    const auto whole = OfferAll(config);
    TimePoint last = TimePoint::min();
    for (std::size_t i = 0; i < lossy.size(); ++i) {
        ASSERT_TRUE(SameIfBothArrive(lossy[i], whole[i])) << i;
        if (lossy[i].Dropped()) continue;
        ASSERT_GE(lossy[i].Deliveries()[0].at, last) << i;
        last = lossy[i].Deliveries()[0].at;
    }
}

TEST(LinkEmulator, ReorderedCountsThosePacketsThatOvertake) {
    ImpairmentConfig config;
    config.reorder = {1e-3, 3500us};
    const auto counters = Count(config);
    // Packets come each millisecond, so three overtake each held one; now and then one of the
    // three is held itself.
    EXPECT_GT(counters.heldBack, 20U);
    EXPECT_LE(counters.reordered, 3 * counters.heldBack);
    EXPECT_GE(counters.reordered, 3 * counters.heldBack - 6);
    LinkEmulator together({}, 1, "link");
    for (int i = 0; i < 2; ++i) together.Offer(TimePoint{1s}, kBytes);
    EXPECT_EQ(together.Counters().reordered, 0U);
}

TEST(LinkEmulator, RateThenDelay) {
    ImpairmentConfig config;
    config.delay = 50ms;
    config.rate.bitsPerSecond = 8'000'000;
    config.rate.overheadBytes = 28;
    LinkEmulator link(config, 1, "link");
    EXPECT_EQ(link.Offer(TimePoint{0s}, 972).Deliveries()[0].at, TimePoint{51ms});
    EXPECT_EQ(link.Offer(TimePoint{0s}, 972).Deliveries()[0].at, TimePoint{52ms});
    EXPECT_EQ(link.Offer(TimePoint{0s}, 972).Deliveries()[0].at, TimePoint{53ms});
    EXPECT_EQ(link.Backlog(TimePoint{0s}).bytes, 2000U);
    EXPECT_EQ(link.Backlog(TimePoint{0s}).delay, 3ms);
    EXPECT_EQ(link.Counters().queueDelaySum, 3ms);
    EXPECT_EQ(link.Counters().queueDelayMax, 2ms);
}

TEST(LinkEmulator, AFullQueueDropsWithItsReason) {
    ImpairmentConfig config;
    config.rate = {.bitsPerSecond = 8'000'000,
                   .schedule = {},
                   .schedulePeriod = 0s,
                   .queueBytes = 2000,
                   .queuePackets = {},
                   .queueTime = {},
                   .overheadBytes = 0};
    LinkEmulator link(config, 1, "link");
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(link.Offer(TimePoint{0s}, 1000).Dropped());
    EXPECT_EQ(link.Offer(TimePoint{0s}, 1000).Reason(), DropReason::kQueue);
    EXPECT_EQ(link.Counters().Dropped(DropReason::kQueue), 1U);
}

TEST(LinkEmulator, ALostPacketHasUsedTheRate) {
    ImpairmentConfig config;
    config.rate.bitsPerSecond = 8'000'000;
    config.rate.overheadBytes = 0;
    config.loss.dropList.Add({1, 2});
    LinkEmulator link(config, 1, "link");
    EXPECT_EQ(link.Offer(TimePoint{0s}, 1000).Reason(), DropReason::kLoss);
    EXPECT_EQ(link.Offer(TimePoint{0s}, 1000).Deliveries()[0].at, TimePoint{2ms});
}

TEST(LinkEmulator, ABlackoutDropsWhatIsOfferedAndSparesWhatIsUnderWay) {
    ImpairmentConfig config;
    config.delay = 500ms;
    config.blackout.intervals = {{1s, 2s}};
    LinkEmulator link(config, 1, "link", TimePoint{10s});
    EXPECT_EQ(link.Offer(TimePoint{11s - 1ns}, 1).Deliveries()[0].at, TimePoint{11500ms - 1ns});
    EXPECT_EQ(link.Offer(TimePoint{11s}, 1).Reason(), DropReason::kBlackout);
    EXPECT_EQ(link.Offer(TimePoint{12s - 1ns}, 1).Reason(), DropReason::kBlackout);
    EXPECT_FALSE(link.Offer(TimePoint{12s}, 1).Dropped());
}

TEST(LinkEmulator, TimeThatRunsBackwardsStandsStill) {
    ImpairmentConfig config;
    config.delay = 1ms;
    LinkEmulator link(config, 1, "link", TimePoint{1s});
    EXPECT_EQ(link.Offer(TimePoint{0s}, 1).Deliveries()[0].at, TimePoint{1001ms});
    link.Offer(TimePoint{3s}, 1);
    EXPECT_EQ(link.Offer(TimePoint{2s}, 1).Deliveries()[0].at, TimePoint{3001ms});
}

TEST(LinkEmulator, CopiesHaveTheirOwnJitter) {
    ImpairmentConfig config;
    config.delay = 20ms;
    config.jitter = {JitterConfig::Kind::kUniform, 10ms, true};
    config.duplicate = {1, 1};
    int earlier = 0;
    for (const auto& verdict : OfferAll(config)) {
        ASSERT_EQ(verdict.Deliveries().size(), 2U);
        earlier += verdict.Deliveries()[1].at < verdict.Deliveries()[0].at;
    }
    ExpectShare(static_cast<std::uint64_t>(earlier), 0.5);
}

TEST(LinkEmulator, CopiesHaveTheirOwnDamage) {
    ImpairmentConfig config;
    config.corrupt.probability = 0.5;
    config.duplicate = {1, 1};
    std::uint64_t both = 0;
    for (const auto& verdict : OfferAll(config)) {
        both += verdict.Deliveries()[0].corruption && verdict.Deliveries()[1].corruption;
    }
    ExpectShare(both, 0.25);
}

TEST(LinkEmulator, AtMostAllCopies) {
    ImpairmentConfig config;
    config.duplicate = {1, kMaxCopies};
    EXPECT_EQ(OfferAll(config)[0].Deliveries().size(), Verdict::kMaxDeliveries);
}

TEST(LinkEmulator, DropReasonsHaveNames) {
    EXPECT_EQ(ToString(DropReason::kNone), "none");
    EXPECT_EQ(ToString(DropReason::kLoss), "loss");
    EXPECT_EQ(ToString(DropReason::kQueue), "queue");
    EXPECT_EQ(ToString(DropReason::kBlackout), "blackout");
}

TEST(LinkEmulatorDeathTest, RefusesAConfigurationThatFailsValidate) {
    ImpairmentConfig config;
    config.loss.process = BernoulliLoss{2, 0};
    EXPECT_DEATH(LinkEmulator(config, 1, "link"), "Validate");
}

TEST(LinkEmulator, AQueueMarksWhatWaitsTooLongIfItIsEcnCapable) {
    ImpairmentConfig config;
    config.rate.bitsPerSecond = 8'000'000;
    config.rate.overheadBytes = 0;
    config.markAbove = 2ms;
    LinkEmulator link(config, 1, "link");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(link.Offer(TimePoint{0s}, 1000, Ecn::kEct0).Mark(), Ecn::kEct0) << i;
    }
    EXPECT_EQ(link.Offer(TimePoint{0s}, 1000, Ecn::kEct0).Mark(), Ecn::kCe) << "waits 3 ms";
    EXPECT_EQ(link.Offer(TimePoint{0s}, 1000, Ecn::kEct1).Mark(), Ecn::kCe);
    EXPECT_EQ(link.Offer(TimePoint{0s}, 1000, Ecn::kNotEct).Mark(), Ecn::kNotEct);
    EXPECT_EQ(link.Offer(TimePoint{6ms}, 1000, Ecn::kEct0).Mark(), Ecn::kEct0) << "empty again";
    EXPECT_EQ(link.Counters().marked, 2u);
    EXPECT_EQ(link.Counters().delivered, 7u);
}

TEST(LinkEmulator, PathsDoToMarksWhatTheyAreToldTo) {
    const auto offered = {Ecn::kNotEct, Ecn::kEct1, Ecn::kEct0, Ecn::kCe};
    const auto arrived = [&](EcnTreatment treatment) {
        ImpairmentConfig config;
        config.ecn = treatment;
        LinkEmulator link(config, 1, "link");
        std::vector<Ecn> marks;
        for (const Ecn ecn : offered) {
            const auto verdict = link.Offer(TimePoint{0s}, 100, ecn);
            if (!verdict.Dropped()) marks.push_back(verdict.Mark());
            EXPECT_EQ(ToString(verdict.Reason()), verdict.Dropped() ? "ecn" : "none");
        }
        return marks;
    };
    using Marks = std::vector<Ecn>;
    EXPECT_EQ(arrived(EcnTreatment::kCarry), Marks(offered));
    EXPECT_EQ(arrived(EcnTreatment::kBleach), Marks(4, Ecn::kNotEct));
    EXPECT_EQ(arrived(EcnTreatment::kRemark),
              (Marks{Ecn::kNotEct, Ecn::kEct1, Ecn::kEct1, Ecn::kCe}));
    EXPECT_EQ(arrived(EcnTreatment::kMarkAll), (Marks{Ecn::kNotEct, Ecn::kCe, Ecn::kCe, Ecn::kCe}));
    EXPECT_EQ(arrived(EcnTreatment::kDrop), Marks{Ecn::kNotEct});
}

}  // namespace
}  // namespace crsp
