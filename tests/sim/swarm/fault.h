// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace crsp::sim {

/// Everything that a seed may have go wrong. A random subset is active in each (swarm testing).
enum class Fault : std::uint8_t {
    // What a link does to each datagram.
    kDrop,
    kBurst,
    kDelay,
    kJitter,
    kReorder,
    kDuplicate,
    kTruncate,
    kBitFlip,
    kSlowLink,
    kExtend,
    kMtuDrop,
    // What happens to links for a while.
    kBlackhole,
    kOutages,
    kPartition,
    kClog,
    // What a third party does.
    kStaleReplay,
    kSpoof,
    kGarbage,
    kInitialFlood,
    // What happens to a node.
    kRebindPort,
    kRebindHost,
    kClockJump,
    kSuspend,
    kCrash,
    kRestart,
    kWouldBlock,
    // What happens around the application.
    kSlowReader,
    kSlowSink,
    kSinkFailure,
    kContentChanged,
    kContentRemoved,
    kDiskError,
    // Limits of the engine made tiny.
    kTinyWindow,
    kTinySendBuffer,
    kFewStreams,
    kTinyMemory,
    kShortIdle,
};

inline constexpr std::array<std::string_view, 37> kFaultNames = {"drop",
                                                                 "burst",
                                                                 "delay",
                                                                 "jitter",
                                                                 "reorder",
                                                                 "duplicate",
                                                                 "truncate",
                                                                 "bit_flip",
                                                                 "slow_link",
                                                                 "extend",
                                                                 "mtu_drop",
                                                                 "blackhole",
                                                                 "outages",
                                                                 "partition",
                                                                 "clog",
                                                                 "stale_replay",
                                                                 "spoof",
                                                                 "garbage",
                                                                 "initial_flood",
                                                                 "rebind_port",
                                                                 "rebind_host",
                                                                 "clock_jump",
                                                                 "suspend",
                                                                 "crash",
                                                                 "restart",
                                                                 "would_block",
                                                                 "slow_reader",
                                                                 "slow_sink",
                                                                 "sink_failure",
                                                                 "content_changed",
                                                                 "content_removed",
                                                                 "disk_error",
                                                                 "tiny_window",
                                                                 "tiny_send_buffer",
                                                                 "few_streams",
                                                                 "tiny_memory",
                                                                 "short_idle"};
inline constexpr std::size_t kFaults = kFaultNames.size();

/// What a run can come to. Each fault should meet each of these in some seed.
enum class Moment : std::uint8_t {
    kConnected,
    kHandshakeTimeout,
    kIdleTimeout,
    kVersionMismatch,
    kAppClose,
    kPathChanged,
    kStreamDone,
    kStreamReset,
    kStreamStopped,
    kSkipped,
    kDatagram,
    kPlaying,
    kPaused,
    kRestarted,
    kRenderedAll,
    kRenderFailed,
    kCommandRefused,
    kForgotten,
};

inline constexpr std::array<std::string_view, 18> kMomentNames = {
    "connected", "no_answer", "idle",     "version", "app_close", "moved",
    "stream",    "reset",     "stopped",  "skipped", "datagram",  "playing",
    "paused",    "restarted", "rendered", "failed",  "refused",   "forgotten"};
inline constexpr std::size_t kMoments = kMomentNames.size();

template <class Kind, std::size_t kCount>
class KindSet {
  public:
    bool Has(Kind kind) const { return m_bits[static_cast<std::size_t>(kind)]; }
    bool Has(std::size_t index) const { return m_bits[index]; }
    void Add(Kind kind) { m_bits[static_cast<std::size_t>(kind)] = true; }
    bool HasAny(std::initializer_list<Kind> kinds) const {
        for (const Kind kind : kinds) {
            if (Has(kind)) return true;
        }
        return false;
    }

  private:
    std::bitset<kCount> m_bits;
};

using FaultSet = KindSet<Fault, kFaults>;
using MomentSet = KindSet<Moment, kMoments>;

}  // namespace crsp::sim
