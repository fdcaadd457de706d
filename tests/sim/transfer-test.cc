// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

ImpairmentConfig CleanLink() {
    ImpairmentConfig link;
    link.delay = milliseconds(20);
    link.rate.bitsPerSecond = 10'000'000;
    link.rate.queueBytes = 50'000;
    return link;
}

TEST(Transfer, CleanLinkDeliversEverythingInOrder) {
    Network network(1, CleanLink());
    auto receiverRole = std::make_unique<PatternReceiver>();
    auto& receiver = *receiverRole;
    Node& server = network.AddNode({}, std::move(receiverRole));
    network.AddNode({}, std::make_unique<PatternSender>(server.Address(), 1'000'000));
    ASSERT_TRUE(network.Run(seconds(60), [&] { return receiver.Finished(); }));
    EXPECT_EQ(receiver.Received(), 1'000'000u);
    EXPECT_EQ(receiver.WrongBytes(), 0u);
    EXPECT_LT(ToSeconds(network.Now().time_since_epoch()), 1.5);
}

}  // namespace
}  // namespace crsp::sim
