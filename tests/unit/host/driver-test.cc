// SPDX-License-Identifier: BSD-3-Clause
#include "model/host/driver.h"

#include <gtest/gtest.h>

#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

class FakeHost : public Host {
  public:
    TimePoint Now() const override { return now; }
    bool Send(const Transmit& transmit, ConstByteSpan bytes) override {
        ++offers;
        if (!writable) return false;
        EXPECT_EQ(bytes.size(), transmit.size);
        EXPECT_EQ(transmit.destination, kResponderAddress);
        sent.emplace_back(bytes.begin(), bytes.end());
        return true;
    }
    void SetAlarm(std::optional<TimePoint> deadline) override { alarm = deadline; }

    TimePoint now = TimePoint{} + seconds(1);
    bool writable = true;
    int offers = 0;
    std::vector<Bytes> sent;
    std::optional<TimePoint> alarm;
};

class ConnectingRole : public Role {
  public:
    void OnStart(TimePoint now, Endpoint& endpoint) override {
        connection = endpoint.Connect(now, kResponderAddress).value();
    }
    void OnEvent(TimePoint, const Event& event, Endpoint& endpoint) override {
        events.push_back(event);
        if (const auto* closed = std::get_if<ClosedEvent>(&event)) {
            statsAtClose = endpoint.StatsOf(closed->connection).has_value();
        }
    }
    void OnTimeout(TimePoint now, Endpoint&) override {
        if (deadline && *deadline <= now) deadline.reset();
        ++timeouts;
    }
    std::optional<TimePoint> NextTimeout() const override { return deadline; }
    void OnShutdown(TimePoint now, Endpoint& endpoint) override {
        static_cast<void>(endpoint.Close(now, connection, 0, "shutdown"));
    }

    ConnectionHandle connection = 0;
    std::vector<Event> events;
    std::optional<TimePoint> deadline;
    int timeouts = 0;
    bool statsAtClose = false;
};

class Observer : public DriverObserver {
  public:
    void OnInputDatagram(TimePoint, const Datagram& datagram) override {
        EXPECT_EQ(datagram.source, kResponderAddress);
        inputs.emplace_back(datagram.payload.begin(), datagram.payload.end());
    }
    void OnInputAlarm(TimePoint) override { ++alarms; }
    void OnInputPump(TimePoint) override { ++pumps; }
    void OnOutput(TimePoint, const Transmit&, ConstByteSpan bytes) override {
        outputs.emplace_back(bytes.begin(), bytes.end());
    }

    std::vector<Bytes> inputs;
    std::vector<Bytes> outputs;
    int alarms = 0;
    int pumps = 0;
};

struct DriverTest : testing::Test {
    void Give(Bytes datagram) {
        driver.OnDatagram({.source = kResponderAddress, .ecn = Ecn::kNotEct, .payload = datagram});
    }
    /// Lets `responder` answer all that has been sent, and hands the answers over.
    void Answer() {
        for (auto& datagram : host.sent) {
            responder.HandleDatagram(
                host.now, {.source = kInitiatorAddress, .ecn = Ecn::kNotEct, .payload = datagram});
        }
        host.sent.clear();
        for (auto& datagram : PollAll(responder, host.now)) Give(std::move(datagram));
        driver.Pump();
    }

    FakeHost host;
    ConnectingRole role;
    Observer observer;
    Endpoint endpoint{ConfigOf(1)};
    Endpoint responder{ConfigOf(2)};
    Driver driver{host, endpoint, role, &observer};
};

TEST_F(DriverTest, StartLetsTheRoleActAndSendsAtOnce) {
    driver.Start();
    ASSERT_EQ(host.sent.size(), 1u);
    EXPECT_TRUE(HeaderOf<InitialHeader>(host.sent[0]));
    EXPECT_EQ(host.alarm, endpoint.NextTimeout());
}

TEST_F(DriverTest, EventsReachTheRoleWithinThePump) {
    driver.Start();
    Answer();
    EXPECT_EQ(CountOf<ConnectedEvent>(role.events), 1u);
}

TEST_F(DriverTest, DatagramsWaitForThePump) {
    driver.Start();
    responder.HandleDatagram(
        host.now, {.source = kInitiatorAddress, .ecn = Ecn::kNotEct, .payload = host.sent[0]});
    host.sent.clear();
    Give(PollAll(responder, host.now).at(0));
    EXPECT_TRUE(role.events.empty());
    EXPECT_TRUE(host.sent.empty());
    driver.Pump();
    EXPECT_EQ(role.events.size(), 1u);
    EXPECT_EQ(host.sent.size(), 1u);
}

TEST_F(DriverTest, AlarmIsTheEarlierOfEndpointAndRole) {
    role.deadline = host.now + milliseconds(5);
    driver.Start();
    EXPECT_EQ(host.alarm, host.now + milliseconds(5));
    host.now = *host.alarm;
    driver.OnAlarm();
    EXPECT_EQ(role.timeouts, 1);
    EXPECT_EQ(host.alarm, endpoint.NextTimeout());
    role.deadline = *endpoint.NextTimeout() + seconds(1);
    driver.Pump();
    EXPECT_EQ(host.alarm, endpoint.NextTimeout());
}

TEST_F(DriverTest, AlarmRunsTheEndpointsTimers) {
    driver.Start();
    host.sent.clear();
    host.now = *host.alarm;
    driver.OnAlarm();
    ASSERT_EQ(host.sent.size(), 1u) << "the Initial, repeated";
}

TEST_F(DriverTest, WhatTheSocketRefusedGoesFirstLaterAndOnce) {
    host.writable = false;
    driver.Start();
    EXPECT_EQ(host.offers, 1);
    EXPECT_TRUE(host.sent.empty());
    EXPECT_TRUE(observer.outputs.empty());
    driver.Pump();
    EXPECT_EQ(host.offers, 2);
    host.writable = true;
    driver.Pump();
    driver.Pump();
    ASSERT_EQ(host.sent.size(), 1u);
    EXPECT_TRUE(HeaderOf<InitialHeader>(host.sent[0]));
    EXPECT_EQ(observer.outputs, host.sent);
}

TEST_F(DriverTest, TheRefusedTrainIsTheOneThatIsSentLater) {
    driver.Start();
    Answer();
    Answer();
    const auto stream = endpoint.OpenStream(role.connection, StreamDirection::kBidirectional);
    host.writable = false;
    static_cast<void>(endpoint.Write(role.connection, *stream, Pattern(100)));
    driver.Pump();
    static_cast<void>(endpoint.Write(role.connection, *stream, Pattern(100, 100)));
    host.writable = true;
    driver.Pump();
    ASSERT_EQ(host.sent.size(), 2u);
    EXPECT_LT(HeaderOf<DataHeader>(host.sent[0])->number,
              HeaderOf<DataHeader>(host.sent[1])->number);
}

TEST_F(DriverTest, ObserverSeesEveryInputAndOutput) {
    driver.Start();
    EXPECT_EQ(observer.pumps, 1);
    EXPECT_EQ(observer.outputs, host.sent);
    Answer();
    EXPECT_EQ(observer.inputs.size(), 1u);
    EXPECT_TRUE(HeaderOf<ResponseHeader>(observer.inputs[0])) << "as it came, not as it was opened";
    EXPECT_EQ(observer.pumps, 2);
    host.now = *host.alarm;
    driver.OnAlarm();
    EXPECT_EQ(observer.alarms, 1);
}

TEST_F(DriverTest, ShutdownSendsWhatTheRoleHasToSay) {
    driver.Start();
    Answer();
    Answer();
    driver.Shutdown();
    ASSERT_EQ(host.sent.size(), 1u);
    EXPECT_EQ(CountOf<ClosedEvent>(role.events), 1u);
}

TEST_F(DriverTest, StatsCanBeAskedForWhenTheClosedEventComes) {
    driver.Start();
    while (CountOf<ClosedEvent>(role.events) == 0 && host.alarm) {
        host.now = *host.alarm;
        driver.OnAlarm();
    }
    EXPECT_TRUE(role.statsAtClose) << "also after an end without a word: HANDSHAKE_TIMEOUT";
}

TEST_F(DriverTest, EverythingIsQuietAfterTheLastConnection) {
    driver.Start();
    for (int i = 0; i < 1000 && host.alarm; ++i) {
        host.now = *host.alarm;
        driver.OnAlarm();
    }
    EXPECT_FALSE(host.alarm);
    EXPECT_EQ(endpoint.ConnectionCount(), 0u);
}

}  // namespace
}  // namespace crsp::test
