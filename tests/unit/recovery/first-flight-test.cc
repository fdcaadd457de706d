// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/first-flight.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

RateSample OfFlight(std::uint64_t priorDelivered, std::uint64_t totalDelivered) {
    return {.priorDelivered = priorDelivered, .totalDelivered = totalDelivered};
}

TEST(FirstFlight, CapacityIsTheSpacingOfTheAcks) {
    FirstFlight flight;
    for (std::uint64_t packet = 0; packet < 10; ++packet) {
        flight.OnAck(At(100) + milliseconds(2) * packet, OfFlight(0, (packet + 1) * kPacketBytes));
    }
    EXPECT_EQ(flight.Capacity(), 600'000u) << "1200 bytes each 2 ms";
}

TEST(FirstFlight, OneAckAloneTellsNothing) {
    FirstFlight flight;
    flight.OnAck(At(100), OfFlight(0, 12'000));
    EXPECT_EQ(flight.Capacity(), 0u);
    flight.OnAck(At(100), OfFlight(0, 13'200));
    EXPECT_EQ(flight.Capacity(), 0u) << "no time passed";
}

TEST(FirstFlight, ALateLastAckDoesNotLowerIt) {
    FirstFlight flight;
    flight.OnAck(At(100), OfFlight(0, 2400));
    flight.OnAck(At(104), OfFlight(0, 4800));
    flight.OnAck(At(129), OfFlight(0, 6000));
    EXPECT_EQ(flight.Capacity(), 600'000u);
}

TEST(FirstFlight, LaterFlightsDoNotCount) {
    FirstFlight flight;
    flight.OnAck(At(100), OfFlight(0, 1200));
    flight.OnAck(At(102), OfFlight(0, 2400));
    flight.OnAck(At(300), OfFlight(1200, 50'000));
    EXPECT_EQ(flight.Capacity(), 600'000u);
}

}  // namespace
}  // namespace crsp
