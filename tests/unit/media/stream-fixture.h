// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include "tests/unit/media/role-harness.h"

namespace crsp::test {

/// Two peers that are connected and leave their streams to the test: `near` accepted, `far` opened
/// the connection.
class StreamFixture : public testing::Test {
  protected:
    StreamFixture()
        : m_nearNode(m_world.Add(m_near)),
          m_far(World::AddressOf(1)),
          m_farNode(m_world.Add(m_far)) {
        m_near.readStreams = false;
        m_far.readStreams = false;
        m_world.Run(seconds(2), [this] { return m_far.Connected(); });
        m_farNode.Do([this](TimePoint now, Endpoint& endpoint) {
            m_far.Channel().Send(now, endpoint, StatusMessage{1});
        });
        m_world.Run(seconds(2), [this] { return !m_near.heard.empty(); });
        m_near.heard.clear();
    }

    /// Opens a unidirectional stream at the far end and writes `bytes`.
    StreamId Send(ConstByteSpan bytes, bool finish) {
        StreamId stream = 0;
        m_farNode.Do([&](TimePoint, Endpoint& endpoint) {
            stream = *endpoint.OpenStream(m_far.Connection(), StreamDirection::kUnidirectional);
        });
        SendMore(stream, bytes, finish);
        return stream;
    }
    void SendMore(StreamId stream, ConstByteSpan bytes, bool finish) {
        m_farNode.Do([&](TimePoint, Endpoint& endpoint) {
            EXPECT_EQ(endpoint.Write(m_far.Connection(), stream, bytes, finish), bytes.size());
        });
        m_world.RunFor(milliseconds(300));
    }
    /// Does something with the near endpoint.
    template <class F>
    void Near(F action) {
        m_nearNode.Do([&](TimePoint now, Endpoint& endpoint) { action(now, endpoint); });
    }

    World m_world;
    RawPeer m_near;
    TestNode& m_nearNode;
    RawPeer m_far;
    TestNode& m_farNode;
};

}  // namespace crsp::test
