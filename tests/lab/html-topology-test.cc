// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crsp::lab {
namespace {

using testing::HasSubstr;

std::string Drawn(const std::string& access) {
    const auto asked =
        nlohmann::json::parse(R"({"link": {"rate": "1 Gbit/s"}, "access": )" + access + "}");
    return TopologySvg(asked, "s", SvgUse::kPage);
}

TEST(HtmlTopology, SaysWhatJoinsTheClientSide) {
    EXPECT_THAT(Drawn(R"({"rate": "2 Mbit/s"})"), HasSubstr(">clean hops: 2 Mbit/s<"));
    EXPECT_THAT(Drawn(R"({"kind": "wifi"})"), HasSubstr(">wifi<"));
}

TEST(HtmlTopology, SaysWhatAnLteCellHas) {
    EXPECT_THAT(Drawn(R"({"kind": "lte", "rate": "10 Gbit/s"})"),
                HasSubstr(">lte: 10 Gbit/s to the packet gateway; one cell, 50 resource blocks<"));
    EXPECT_THAT(Drawn(R"({"kind": "lte", "cells": 3, "resource-blocks": 6})"),
                HasSubstr(">lte to the packet gateway; 3 cells, 6 resource blocks<"));
}

}  // namespace
}  // namespace crsp::lab
