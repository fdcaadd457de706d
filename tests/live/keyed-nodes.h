// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/live/process.h"
#include "tests/support/temp-dir.h"

namespace crsp {

using Arguments = std::vector<std::string>;

inline Arguments Join(Arguments a, const Arguments& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline std::string FirstLine(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// Nodes with identities and peers files of their own, made by the programs themselves.
class KeyedNodes : public ::testing::Test {
  protected:
    void SetUp() override {
        std::filesystem::create_directory(m_dir.Path("root"));
        m_dir.Write("root/file", PatternText(200'000));
    }
    /// The public key of `node`, which gets an identity now.
    std::string NewKey(const std::string& node) {
        const auto end =
            RunToEnd("crsp", {"key", "generate", m_dir.Path(node + ".key"), "--force"});
        EXPECT_EQ(end.code, 0) << end.err;
        return FirstLine(end.out);
    }
    std::string FingerprintOf(const std::string& node) {
        return FirstLine(RunToEnd("crsp", {"key", "fingerprint", m_dir.Path(node + ".key")}).out);
    }
    Arguments Keys(const std::string& node) {
        return {"--key", m_dir.Path(node + ".key"), "--peers", m_dir.Path(node + ".peers")};
    }
    void WritePeers(const std::string& node, const std::string& text) {
        m_dir.Write(node + ".peers", text);
    }
    Arguments Node(const std::string& node) {
        return Join(Keys(node), {"--listen", "127.0.0.1:0", "--idle-timeout", "3s"});
    }
    /// Server and renderer that know each other and a controller; returns when both are up.
    void StartTrio(const std::string& rightsOfController = "control") {
        const auto server = NewKey("server");
        const auto renderer = NewKey("renderer");
        const auto controller = NewKey("controller");
        WritePeers("server",
                   "renderer " + renderer + " may=read\ncontroller " + controller + " may=read\n");
        m_server.emplace("crsp-server", Join(Node("server"), {"--root", m_dir.Path("root")}));
        m_serverAddress = m_server->WaitListening();
        ASSERT_NE(m_serverAddress, "") << m_server->Err();
        WritePeers("renderer", "server " + server + " address=" + m_serverAddress +
                                   "\ncontroller " + controller + " may=" + rightsOfController +
                                   "\n");
        m_renderer.emplace(
            "crsp-renderer",
            Join(Node("renderer"), {"--server", "server", "--output", m_dir.Path("out")}));
        m_rendererAddress = m_renderer->WaitListening();
        ASSERT_NE(m_rendererAddress, "") << m_renderer->Err();
        WritePeers("controller", "server " + server + " address=" + m_serverAddress +
                                     "\nrenderer " + renderer + " address=" + m_rendererAddress +
                                     "\n");
    }
    Finished Control(const Arguments& arguments) {
        return RunToEnd("crsp-controller", Join(Join(Keys("controller"),
                                                     {"--server", m_serverReference, "--renderer",
                                                      m_rendererReference, "--timeout", m_timeout}),
                                                arguments));
    }
    Finished ListAt(const std::string& server) {
        m_serverReference = server;
        return Control({"list"});
    }

    TempDir m_dir;
    std::optional<Process> m_server;
    std::optional<Process> m_renderer;
    std::string m_serverAddress;
    std::string m_rendererAddress;
    std::string m_serverReference = "server";
    std::string m_rendererReference = "renderer";
    std::string m_timeout = "2s";
};

}  // namespace crsp
