// SPDX-License-Identifier: BSD-3-Clause
//
// SIGHUP: what it does to each program, and when.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>

#include "apps/live/node-runner.h"
#include "apps/live/pairing-role.h"
#include "tests/live/keyed-nodes.h"

namespace crsp {
namespace {

using Handler = void (*)(int);

Handler HandlerOf(int number) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    return action.sa_handler;
}

/// The disposition of a signal, which programs that are started inherit, for one scope.
class Disposition {
  public:
    Disposition(int number, Handler handler)
        : m_number(number), m_before(::signal(number, handler)) {}
    ~Disposition() { ::signal(m_number, m_before); }
    Disposition(const Disposition&) = delete;
    Disposition& operator=(const Disposition&) = delete;

  private:
    int m_number;
    Handler m_before;
};

TEST_F(KeyedNodes, C7_AHangupBeforeTheNodeIsOpenHasThePeersReadAgain) {
    const auto peer = NewKey("peer");
    NewKey("node");
    WritePeers("node", "peer " + peer + "\n");
    NodeOptions options;
    options.listen = "127.0.0.1:0";
    options.keyFile = m_dir.Path("node.key");
    options.peersFile = m_dir.Path("node.peers");
    options.quiet = true;
    const auto interrupt = HandlerOf(SIGINT);  // a job in the background ignores it
    const auto termination = HandlerOf(SIGTERM);
    NodeRunner runner("test", options, Hangup::kReads);
    ASSERT_NE(HandlerOf(SIGHUP), SIG_DFL);
    EXPECT_EQ(HandlerOf(SIGINT), interrupt) << "there is nothing yet to end in good order";
    EXPECT_EQ(HandlerOf(SIGTERM), termination);
    WritePeers("node", "");
    ::raise(SIGHUP);
    int told = 0;
    runner.SetAccessHook([&](TimePoint, Endpoint&, const AccessList&) { ++told; });
    PairingRole role({});
    runner.Open(role, false);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(runner.Peers().Peers().size(), 1u);
    while (told < 2 && runner.Io().run_one_for(Process::kPatience) > 0) {
    }
    EXPECT_EQ(told, 2);
    EXPECT_TRUE(runner.Peers().Peers().empty());
}

/// A server with so much to offer that it takes a while to start.
class SlowStart : public KeyedNodes {
  protected:
    void SetUp() override {
        KeyedNodes::SetUp();
        for (int i = 0; i < kFiles; ++i) m_dir.Write("root/" + std::to_string(i), "");
        WritePeers("server", "peer " + NewKey("peer") + "\n");
        NewKey("server");
    }
    /// Starts it; returns when it has read its peers, and not yet what it offers.
    Process& StartServer() {
        m_server.emplace("crsp-server", Join(Node("server"), {"--root", m_dir.Path("root"),
                                                              "--keylog", m_dir.Path("log")}));
        EXPECT_TRUE(m_server->WaitSaid("the keys of all connections go to")) << m_server->Err();
        return *m_server;
    }

  private:
    static constexpr int kFiles = 5000;
};

TEST_F(SlowStart, C7_AHangupThatComesMeanwhileIsNotTheEnd) {
    auto& server = StartServer();
    WritePeers("server", "");
    server.Signal(SIGHUP);
    EXPECT_NE(server.WaitListening(), "") << server.Err();
    EXPECT_TRUE(server.WaitSaid("again: 0 known")) << server.Err();
    server.Signal(SIGTERM);
    EXPECT_EQ(server.Wait(), 143) << server.Err();
}

TEST_F(SlowStart, OtherSignalsThatComeMeanwhileAreTheEnd) {
    for (const auto& [signal, code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
        auto& server = StartServer();
        server.Signal(signal);
        EXPECT_EQ(server.Wait(), code) << server.Err();
    }
}

/// A controller that waits for an answer which does not come.
class WaitingController {
  public:
    explicit WaitingController(const TempDir& dir)
        : m_process("crsp-controller",
                    {"--no-auth", "--renderer", "127.0.0.1:1", "--timeout", "60s", "--verbose",
                     "--stats", dir.Path("stats"), "status"}) {
        EXPECT_TRUE(m_process.WaitSaid("receive buffer")) << m_process.Err();
    }
    Process& Get() { return m_process; }

  private:
    Process m_process;
};

TEST(Hangup, AControllerWhoseTerminalIsClosedEndsInGoodOrder) {
    const TempDir dir;
    WaitingController controller(dir);
    controller.Get().Signal(SIGHUP);
    EXPECT_EQ(controller.Get().Wait(), 129) << controller.Get().Err();
    EXPECT_TRUE(std::filesystem::exists(dir.Path("stats")));
}

TEST(Hangup, AControllerUnderNohupGoesOn) {
    const TempDir dir;
    const Disposition ignored(SIGHUP, SIG_IGN);
    WaitingController controller(dir);
    controller.Get().Signal(SIGHUP);
    controller.Get().Signal(SIGTERM);
    EXPECT_EQ(controller.Get().Wait(), 143) << controller.Get().Err();
}

}  // namespace
}  // namespace crsp
