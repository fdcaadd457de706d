// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/peer-reference.h"

#include <gtest/gtest.h>

#include "apps/live/key-text.h"

namespace crsp::test {
namespace {

constexpr std::string_view kKey = "CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

TEST(PeerReference, SaysANameAnAddressOrBoth) {
    const auto name = ParsePeerReference("attic");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->name, "attic");
    EXPECT_TRUE(name->address.empty());

    const auto address = ParsePeerReference("host.example:59001");
    ASSERT_TRUE(address);
    EXPECT_TRUE(address->name.empty());
    EXPECT_EQ(address->address, "host.example:59001");

    const auto all = ParsePeerReference("attic=" + std::string(kKey) + "@10.0.0.1:5");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->name, "attic");
    EXPECT_EQ(all->address, "10.0.0.1:5");
    ASSERT_TRUE(all->key);
    EXPECT_EQ(PublicKeyText(*all->key), kKey);
}

TEST(PeerReference, WhatSaysNeitherIsRefusedInASentence) {
    for (const auto& text : {std::string(), std::string(kKey) + "@", "a=" + std::string(kKey) + "@",
                             std::string("="), std::string("a="), std::string("x@y:1")}) {
        const auto reference = ParsePeerReference(text);
        ASSERT_FALSE(reference) << text;
        EXPECT_NE(reference.error().find("expected"), std::string::npos) << text;
    }
}

TEST(PeerReference, AKeyThatIsNoneIsToldFromATextThatIsNone) {
    const auto zeros = PublicKeyText(PeerKey{});
    for (const auto& text : {zeros + "@10.0.0.1:5", "attic=" + zeros + "@10.0.0.1:5"}) {
        const auto reference = ParsePeerReference(text);
        ASSERT_FALSE(reference) << text;
        EXPECT_EQ(reference.error(), "'" + text + "': KEY is " + std::string(kUnusableKey));
    }
    EXPECT_TRUE(ParsePeerReference("attic=" + std::string(kKey) + "@10.0.0.1:5"));
}

}  // namespace
}  // namespace crsp::test
