// SPDX-License-Identifier: BSD-3-Clause
#include "model/trace/qlog-writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/qlog-schema.h"

namespace crsp {
namespace {

using Json = nlohmann::json;

constexpr TimePoint kNow = TimePoint{} + microseconds(1'234'567);
constexpr std::uint64_t kGroup = 0xabcdef;
constexpr std::uint64_t kAcked[] = {3, 5, 6};
constexpr trace::StreamPart kParts[] = {{4, 1200, 1100, false}, {8, 1ull << 60, 0, true}};

/// The records of one writer, each checked for its framing (RFC 7464).
class Log {
  public:
    explicit Log(QlogHeader header = {})
        : writer(header, [this](std::string_view record) { Take(record); }) {}

    Json Event(const TraceEvent& event) {
        writer.OnEvent(kNow, kGroup, event);
        return records.back();
    }

    std::vector<Json> records;
    QlogWriter writer;

  private:
    void Take(std::string_view record) {
        ASSERT_GE(record.size(), 2u);
        EXPECT_EQ(record.front(), '\x1e');
        EXPECT_EQ(record.back(), '\n');
        const auto text = record.substr(1, record.size() - 2);
        EXPECT_EQ(text.find_first_of("\x1e\n"), std::string_view::npos);
        records.push_back(Json::parse(text));
    }
};

std::vector<TraceEvent> OneOfEach() {
    return {trace::ConnectionStarted{SocketAddress::FromIpv4(0x7f000001, 1), true},
            trace::ConnectionClosed{"NO_ERROR", 0, "bye", true},
            trace::PacketSent{"data", 7, 1200, true, "ack,stream"},
            trace::PacketReceived{"data", 8, 40, "ack"},
            trace::PacketDropped{"duplicate", 40},
            trace::PacketLost{9, "time_threshold"},
            trace::MetricsUpdated{milliseconds(50), milliseconds(5), milliseconds(40),
                                  milliseconds(45), 12000, 2400, 9000, 1},
            trace::CongestionStateUpdated{"slow_start"},
            trace::PacketsAcked{kAcked},
            trace::MediaEvent{"paused", 2, 100, "by user"},
            trace::PathChanged{SocketAddress::FromIpv4(0x7f000001, 2), true},
            trace::MtuUpdated{1452},
            trace::EcnStateUpdated{"capable"},
            trace::CircuitBreakerUpdated{2, 150, 40}};
}

TEST(QlogWriter, EcnAndTheCircuitBreakerTellTheirNumbers) {
    Log log;
    EXPECT_EQ(log.Event(trace::EcnStateUpdated{"failed"})["data"]["new"], "failed");
    const Json breaker = log.Event(trace::CircuitBreakerUpdated{2, 150, 40});
    EXPECT_EQ(breaker["name"], "crsp:circuit_breaker_updated");
    EXPECT_EQ(breaker["data"]["periods"], 2);
    EXPECT_EQ(breaker["data"]["packets"], 150);
    EXPECT_EQ(breaker["data"]["lost"], 40);
}

TEST(QlogWriter, HeaderSaysWhoRecordedOnWhichClock) {
    Log log({.title = "a title",
             .vantagePoint = "server",
             .vantageType = "server",
             .clockType = "simulated",
             .scenario = {}});
    ASSERT_EQ(log.records.size(), 1u);
    const Json& head = log.records[0];
    EXPECT_EQ(head["serialization_format"], "application/qlog+json-seq");
    EXPECT_EQ(head["file_schema"], "urn:ietf:params:qlog:file:sequential");
    EXPECT_EQ(head["title"], "a title");
    EXPECT_EQ(head["trace"]["vantage_point"]["name"], "server");
    EXPECT_EQ(head["trace"]["vantage_point"]["type"], "server");
    EXPECT_EQ(head["trace"]["event_schemas"][0], kQlogEventSchema);
    EXPECT_EQ(head["trace"]["common_fields"]["reference_time"]["clock_type"], "simulated");
}

TEST(QlogWriter, ScenarioFollowsTheHeader) {
    Log log({.title = "",
             .vantagePoint = "",
             .vantageType = "",
             .clockType = "",
             .scenario = {{"seed", "5"}, {"loss", "0.05"}}});
    ASSERT_EQ(log.records.size(), 2u);
    EXPECT_EQ(log.records[1]["name"], "simulation:scenario");
    EXPECT_EQ(log.records[1]["data"]["scenario_details"]["seed"], "5");
}

TEST(QlogWriter, EveryKindOfEventIsOneValidRecordWithNameTimeAndGroup) {
    const auto events = OneOfEach();
    ASSERT_EQ(events.size(), std::variant_size_v<TraceEvent>);
    Log log;
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i].index(), i);
        const Json record = log.Event(events[i]);
        EXPECT_EQ(record["name"].get<std::string>().rfind("crsp:", 0), 0u);
        EXPECT_DOUBLE_EQ(record["time"].get<double>(), 1234.567);
        EXPECT_EQ(record["group_id"], "0000000000abcdef");
        EXPECT_TRUE(record["data"].is_object());
    }
    EXPECT_EQ(log.records.size(), 1 + events.size());
}

TEST(QlogWriter, PacketSentHasNumberLengthAndFrames) {
    Log log;
    const Json data = log.Event(trace::PacketSent{"data", 7, 1200, true, "ack,stream"})["data"];
    EXPECT_EQ(data["header"]["packet_number"], 7);
    EXPECT_EQ(data["header"]["packet_type"], "data");
    EXPECT_EQ(data["raw"]["length"], 1200);
    EXPECT_EQ(data["frames"].size(), 2u);
    EXPECT_EQ(data["frames"][1]["frame_type"], "stream");
    EXPECT_TRUE(log.Event(trace::PacketSent{"data", 8, 30, false, ""})["data"]["frames"].empty());
}

TEST(QlogWriter, StreamFramesSayWhatTheyCarry) {
    Log log;
    const Json sent =
        log.Event(trace::PacketSent{"data", 7, 1200, true, "stream,ack,stream", kParts});
    const Json& frames = sent["data"]["frames"];
    EXPECT_EQ(frames[0], Json::parse(R"({"frame_type":"stream","stream_id":4,"offset":1200,
        "length":1100,"fin":false})"));
    EXPECT_EQ(frames[1].size(), 1u);
    EXPECT_EQ(frames[2]["offset"], "1152921504606846976") << "no double holds it";
    EXPECT_EQ(frames[2]["fin"], true);
    const Json got = log.Event(trace::PacketReceived{"data", 7, 1200, "stream", kParts});
    EXPECT_EQ(got["data"]["frames"][0], frames[0]);
}

TEST(QlogWriter, AcknowledgedPacketsAreAList) {
    Log log;
    const Json record = log.Event(trace::PacketsAcked{kAcked});
    EXPECT_EQ(record["name"], "crsp:packets_acked");
    EXPECT_EQ(record["data"]["packet_numbers"], Json::parse("[3,5,6]"));
}

TEST(QlogWriter, PathChangeSaysWhereThePeerIsNow) {
    Log log;
    const auto remote = SocketAddress::FromIpv4(0x7f000001, 2);
    const Json record = log.Event(trace::PathChanged{remote, true});
    EXPECT_EQ(record["name"], "crsp:path_changed");
    EXPECT_EQ(record["data"]["remote"], "127.0.0.1:2");
    EXPECT_EQ(record["data"]["rebinding"], true);
}

TEST(QlogWriter, MetricsAreInMilliseconds) {
    Log log;
    trace::MetricsUpdated metrics{};
    metrics.smoothedRtt = microseconds(50'250);
    metrics.slowStartThreshold = UINT64_MAX;
    const Json data = log.Event(metrics)["data"];
    EXPECT_DOUBLE_EQ(data["smoothed_rtt"].get<double>(), 50.25);
    EXPECT_EQ(data["ssthresh"], "18446744073709551615") << "no double holds it";
}

TEST(QlogWriter, HostileTextStaysOneValidRecord) {
    std::string hostile = "\"},{\"name\":\"forged\"}\n\x1e{\\u0000 \xff\xfe\xc3\x28 \t\r\b";
    hostile.push_back('\0');
    for (int c = 0; c < 256; ++c) hostile.push_back(static_cast<char>(c));
    Log log;
    const Json record = log.Event(trace::ConnectionClosed{"NO_ERROR", 0, hostile, true});
    EXPECT_EQ(log.records.size(), 2u);
    EXPECT_EQ(record["name"], "crsp:connection_closed");
    EXPECT_EQ(record["data"].size(), 4u);
    EXPECT_EQ(log.Event(trace::MediaEvent{"render", 1, 0, hostile})["data"]["generation"], 1);
}

TEST(QlogWriter, ClosedByPeerIsRemote) {
    Log log;
    const Json ours = log.Event(trace::ConnectionClosed{"IDLE_TIMEOUT", 0, "", false})["data"];
    EXPECT_EQ(ours["initiator"], "local");
    EXPECT_EQ(ours["connection_error"], "IDLE_TIMEOUT");
    EXPECT_EQ(log.Event(trace::ConnectionClosed{"NO_ERROR", 0, "", true})["data"]["initiator"],
              "remote");
}

TEST(QlogWriter, MarkersStandOutsideConnections) {
    Log log;
    log.writer.Mark(kNow, "blackout", "link \"a\" down");
    EXPECT_EQ(log.records.back()["name"], "simulation:marker");
    EXPECT_EQ(log.records.back()["data"]["message"], "link \"a\" down");
    EXPECT_FALSE(log.records.back().contains("group_id"));
}

TEST(QlogSchema, WhatIsWrittenIsWhatIsDocumented) {
    Log log({.title = "",
             .vantagePoint = "",
             .vantageType = "",
             .clockType = "",
             .scenario = {{"seed", "5"}}});
    for (const TraceEvent& event : OneOfEach()) log.Event(event);
    log.writer.Mark(kNow, "blackout", "link down");
    test::QlogSchema written;
    for (std::size_t i = 1; i < log.records.size(); ++i) test::AddTo(written, log.records[i]);
    EXPECT_EQ(written, test::DocumentedQlogSchema());
}

TEST(JsonString, EscapesByteByByte) {
    EXPECT_EQ(JsonString("plain"), "\"plain\"");
    EXPECT_EQ(JsonString("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(JsonString("\n\xff"), "\"\\u000a\\u00ff\"");
}

}  // namespace
}  // namespace crsp
