// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/stats.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>

namespace crsp {
namespace {

/// Every member set to a number of its own, through the list.
ConnectionStats Numbered() {
    ConnectionStats stats;
    std::uint64_t next = 1;
    for (const StatField& field : ConnectionStatFields()) {
        std::visit(
            [&](auto member) {
                using Value = std::remove_reference_t<decltype(stats.*member)>;
                if constexpr (std::is_same_v<Value, Duration>) {
                    stats.*member = nanoseconds(next++);
                } else {
                    stats.*member = next++;
                }
            },
            field.member);
    }
    return stats;
}

TEST(ConnectionStatFields, AreAtLeastFortyAndEachIsDocumented) {
    EXPECT_GE(ConnectionStatFields().size(), 40u);
    for (const StatField& field : ConnectionStatFields()) {
        EXPECT_FALSE(field.name.empty());
        EXPECT_FALSE(field.unit.empty()) << field.name;
        EXPECT_FALSE(field.group.empty()) << field.name;
        EXPECT_GE(field.meaning.size(), 8u) << field.name;
        const bool time = std::holds_alternative<Duration ConnectionStats::*>(field.member);
        EXPECT_EQ(field.name.ends_with("_ms"), time) << field.name;
        EXPECT_EQ(field.unit == "ms", time) << field.name;
    }
}

/// With the assertion on the size of the struct: every member is on the list, once.
TEST(ConnectionStatFields, NameEachMemberOnce) {
    std::set<std::string_view> names;
    std::set<std::uint64_t> values;
    const auto add = [&](const StatField& field, auto value) {
        names.insert(field.name);
        if constexpr (std::is_same_v<decltype(value), Duration>) {
            values.insert(static_cast<std::uint64_t>(value.count()));
        } else {
            values.insert(value);
        }
    };
    ForEachStat(Numbered(), add);
    EXPECT_EQ(names.size(), ConnectionStatFields().size());
    EXPECT_EQ(values.size(), ConnectionStatFields().size());
}

TEST(ConnectionStats, SumsHaveTheCountersAndNoGauge) {
    const ConnectionStats part = Numbered();
    ConnectionStats sum;
    AddTo(sum, part);
    AddTo(sum, part);
    EXPECT_EQ(sum.packetsSent, 2 * part.packetsSent);
    EXPECT_EQ(sum.ceReceived, 2 * part.ceReceived);
    EXPECT_EQ(sum.datagramsDropped, 2 * part.datagramsDropped);
    EXPECT_EQ(sum.congestionWindow, 0u);
    EXPECT_EQ(sum.ecnState, 0u);
    EXPECT_EQ(sum.minRtt, Duration{});
}

}  // namespace
}  // namespace crsp
