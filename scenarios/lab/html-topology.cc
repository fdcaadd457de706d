// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "scenarios/lab/html-asked.h"
#include "scenarios/lab/html-text.h"

namespace crsp::lab {
namespace {

constexpr double kBoxWidth = 112;
constexpr double kBoxHeight = 34;
constexpr double kRow = 46;
constexpr double kHop = 172;
constexpr double kMargin = 10;
constexpr double kTextLine = 13;
constexpr std::size_t kMostLeaves = 8;
constexpr std::size_t kMostHops = 9;
constexpr std::size_t kMostFacts = 7;

/// A node at one end of the path.
struct Leaf {
    std::string title;
    std::string what;
};

/// What hangs off the path's ends.
struct Ends {
    std::vector<Leaf> server;
    std::vector<Leaf> client;
};

void AddFlows(const nlohmann::json& asked, Ends& ends) {
    auto flows = AskedList(asked, "flow");
    if (flows.empty()) flows.push_back({{"name", "renderer"}});
    for (const auto& flow : flows) {
        const bool up = AskedText(flow, "direction") == "up";
        const std::string name = AskedText(flow, "name");
        const std::string rate = AskedText(flow, "render-rate");
        const std::string title = name == "renderer" ? name : "renderer " + name;
        Leaf leaf{title, rate.empty() ? AskedText(flow, "access-delay") : "up to " + rate};
        if (up) leaf = {"server of " + name, "its renderer opposite"};
        ends.client.push_back(std::move(leaf));
    }
}

Ends EndsOf(const nlohmann::json& asked) {
    Ends ends;
    ends.server.push_back({"server", ""});
    AddFlows(asked, ends);
    const bool serverSide = AskedText(asked, "nodes.controller") == "server-side";
    if (serverSide) {
        ends.server.front().what = "and controller";
    } else {
        ends.client.push_back({"controller", ""});
    }
    for (const auto& traffic : AskedList(asked, "traffic")) {
        const std::string count = AskedText(traffic, "flows");
        const std::string arrow = AskedText(traffic, "direction") == "up" ? " up" : " down";
        ends.client.push_back({AskedText(traffic, "kind"),
                               "cross traffic" + arrow + (count.empty() ? "" : " x " + count)});
    }
    if (ends.client.size() > kMostLeaves) {
        const std::size_t more = ends.client.size() - kMostLeaves + 1;
        ends.client.resize(kMostLeaves - 1);
        ends.client.push_back({fmt::format("{} more", more), "flows and traffic"});
    }
    return ends;
}

void AddFact(const nlohmann::json& link, const char* key, const std::string& format,
             std::vector<std::string>& facts) {
    const std::string value = AskedText(link, key);
    if (!value.empty()) facts.push_back(fmt::format(fmt::runtime(format), value));
}

void AddFacts(const nlohmann::json& link, std::vector<std::string>& facts) {
    AddFact(link, "rate", "{}", facts);
    AddFact(link, "delay", "{} one way", facts);
    AddFact(link, "queue", "queue {}", facts);
    AddFact(link, "loss", "loss {}", facts);
    AddFact(link, "loss-burst", "in bursts of {}", facts);
    AddFact(link, "jitter", "jitter {}", facts);
    AddFact(link, "duplicate", "duplicates {}", facts);
    AddFact(link, "corrupt", "damages {}", facts);
    if (!AskedList(link, "steps").empty()) facts.push_back("changes under way");
    if (!AskedList(link, "blackout").empty()) facts.push_back("blackouts");
}

/// One fact a line: of both directions, then what each has of its own.
std::vector<std::string> FactsOf(const nlohmann::json& link) {
    std::vector<std::string> facts;
    AddFacts(link, facts);
    for (const char* way : {"down", "up"}) {
        const auto found = link.find(way);
        if (found == link.end()) continue;
        std::vector<std::string> own;
        AddFacts(*found, own);
        std::string line;
        for (const auto& fact : own) line += (line.empty() ? "" : ", ") + fact;
        if (!line.empty()) facts.push_back(fmt::format("{}: {}", way, line));
    }
    if (facts.size() > kMostFacts) facts.resize(kMostFacts);
    return facts;
}

std::string Box(double x, double y, const Leaf& leaf, const char* kind) {
    const double middle = x + kBoxWidth / 2;
    std::string out =
        fmt::format("<rect class=\"n {}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>",
                    kind, x, y, kBoxWidth, kBoxHeight);
    const double line = leaf.what.empty() ? y + 21 : y + 15;
    out += fmt::format("<text class=\"w m\" x=\"{}\" y=\"{}\">{}</text>", middle, line,
                       Escaped(leaf.title));
    if (leaf.what.empty()) return out;
    return out + fmt::format("<text class=\"l m\" x=\"{}\" y=\"{}\">{}</text>", middle, y + 28,
                             Escaped(leaf.what));
}

std::string HopSvg(double x, double y, double width, const nlohmann::json& link) {
    std::string out = fmt::format("<path class=\"h\" d=\"M{} {}h{}\"/>", x, y, width);
    const auto facts = FactsOf(link);
    for (std::size_t i = 0; i < facts.size(); ++i) {
        // The first stands above the line, the others below it.
        const double line = i == 0 ? y - 7 : y + 2 + kTextLine * static_cast<double>(i);
        out += fmt::format("<text class=\"t m\" x=\"{}\" y=\"{}\">{}</text>", x + width / 2, line,
                           Escaped(facts[i]));
    }
    return out;
}

std::string AccessSvg(double x, double middle, const std::vector<Leaf>& leaves, double top) {
    std::string out;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const double y = top + kRow * static_cast<double>(i);
        const double to = y + kBoxHeight / 2;
        out += fmt::format("<path class=\"h\" d=\"M{0} {1}C{2} {1} {2} {3} {4} {3}\"/>", x, middle,
                           x + 24, to, x + 48);
        out += Box(x + 48, y, leaves[i], "");
    }
    return out;
}

std::string AccessText(const nlohmann::json& asked) {
    const std::string kind = AskedText(asked, "access.kind");
    const std::string rate = AskedText(asked, "access.rate");
    const std::string delay = AskedText(asked, "access.delay");
    std::string text = kind.empty() ? "clean hops" : kind;
    if (!rate.empty()) text += ": " + rate;
    if (!delay.empty()) text += ", " + delay;
    if (kind != "lte") return text;
    const std::string cells = AskedText(asked, "access.cells");
    const std::string blocks = AskedText(asked, "access.resource-blocks");
    return fmt::format("{} to the packet gateway; {}, {} resource blocks", text,
                       cells.empty() || cells == "1" ? "one cell" : cells + " cells",
                       blocks.empty() ? "50" : blocks);
}

/// The height of the picture by its tallest part.
double HeightOf(const std::vector<nlohmann::json>& hops, std::size_t leaves) {
    std::size_t facts = 0;
    for (const auto& hop : hops) facts = std::max(facts, FactsOf(hop).size());
    const double below = kTextLine * static_cast<double>(facts) + 8;
    return std::max({kRow * static_cast<double>(leaves) + 2 * kMargin + kTextLine,
                     2 * below + 2 * kMargin, 90.0});
}

}  // namespace

std::string TopologySvg(const nlohmann::json& asked, const std::string& name, SvgUse use) {
    if (!asked.is_object() || !asked.contains("link") || !asked["link"].is_object()) return "";
    std::vector<nlohmann::json> hops{asked["link"]};
    for (auto& hop : AskedList(asked, "hop")) {
        if (hop.is_object() && hops.size() < kMostHops) hops.push_back(std::move(hop));
    }
    const Ends ends = EndsOf(asked);
    const double height = HeightOf(hops, ends.client.size());
    const double middle = (height - kTextLine) / 2;
    std::string body = Box(kMargin, middle - kBoxHeight / 2, ends.server.front(), "");
    double x = kMargin + kBoxWidth;
    for (std::size_t i = 0; i < hops.size(); ++i) {
        body += HopSvg(x, middle, kHop, hops[i]);
        x += kHop;
        const bool nat = i == 0 && asked.contains("nat");
        body += Box(x, middle - kBoxHeight / 2, {"router", nat ? "with a NAT" : ""}, "r");
        x += kBoxWidth;
    }
    const double rows = kRow * static_cast<double>(ends.client.size()) - (kRow - kBoxHeight);
    body += AccessSvg(x, middle, ends.client, middle - rows / 2);
    const double width = x + 48 + kBoxWidth + kMargin;
    body += fmt::format("<text class=\"l e\" x=\"{}\" y=\"{}\">{}</text>", width - kMargin,
                        height - 4, Escaped(AccessText(asked)));
    const std::string label = "Nodes and hops of " + name;
    if (use == SvgUse::kPage) {
        return fmt::format(
            "<svg class=\"nodes\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
            "height=\"{1}\" role=\"img\" aria-label=\"{2}\">{3}</svg>",
            width, height, Escaped(label), body);
    }
    return SvgFileOpening(width, height, label) + body + "</svg>";
}

}  // namespace crsp::lab
