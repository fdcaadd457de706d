// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace crsp::lab {

/// Of each qlog no more than this is read: a quarter of a million packets.
inline constexpr std::size_t kMostQlogBytes = std::size_t{64} << 20;
/// So many servers' qlogs of one run are looked at.
inline constexpr std::size_t kMostSenders = 4;
inline constexpr std::size_t kMostFaults = 100;

/// Bytes [begin, end) of a stream at an instant, in seconds since the run began.
struct SequencePart {
    double at = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// So much of a stream has come without a gap.
struct SequenceEdge {
    double at = 0;
    std::uint64_t bytes = 0;
};

/// One stream, as its sender and its receiver tell of it; each list in order of time.
struct StreamSequence {
    std::vector<SequencePart> sent;      ///< for the first time
    std::vector<SequencePart> repeated;  ///< what had been sent before
    std::vector<SequencePart> lost;      ///< as their sender thinks, when it comes to think so
    std::vector<SequenceEdge> acknowledged;
    std::vector<SequenceEdge> delivered;
};

/// What befell a node, as `kill server`.
struct SequenceFault {
    double at = 0;
    std::string what;
};

/// What the qlogs of a run tell of the data that its first renderer has received.
struct RunSequence {
    std::vector<StreamSequence> streams;  ///< in the order in which they began
    std::vector<SequenceFault> faults;    ///< kMostFaults at most
    bool cut = false;                     ///< a qlog was longer than kMostQlogBytes
    std::string problem;                  ///< why there is nothing, as a sentence; else empty
};

/// Reads the qlogs in the folder of a run. Whatever stands in them, it ends in a sequence or a
/// problem.
RunSequence ReadRunSequence(const std::string& folder);

}  // namespace crsp::lab
