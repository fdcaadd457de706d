// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "model/media/sink.h"

namespace crsp::test {

/// Keeps what it was given, per generation, and can refuse.
class TestSink : public Sink {
  public:
    struct Rendering {
        Generation generation = 0;
        ContentInfo info;
        std::vector<std::byte> bytes;
        bool ended = false;
        bool complete = false;
        TimePoint begunAt;
        TimePoint endedAt;
        std::vector<TimePoint> times;  ///< of each Render that took something
    };

    Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                         const ContentInfo& info) override {
        if (failBegin) return Fail(MediaErrorCode::kSinkFailed);
        inOrder &= renderings.empty() ||
                   (renderings.back().ended && renderings.back().generation < generation);
        renderings.push_back({generation, info, {}, false, false, now, {}, {}});
        return {};
    }

    Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                 std::uint64_t offset,
                                                 ConstByteSpan bytes) override {
        if (failRender) return Fail(MediaErrorCode::kSinkFailed);
        Rendering& last = renderings.back();
        inOrder &= last.generation == generation && !last.ended && !bytes.empty() &&
                   offset == last.info.offset + last.bytes.size();
        largestOffer = std::max(largestOffer, bytes.size());
        const std::size_t taken = std::min(bytes.size(), appetite);
        if (taken == 0) return 0;
        last.bytes.insert(last.bytes.end(), bytes.begin(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(taken));
        last.times.push_back(now);
        return taken;
    }

    Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                       bool complete) override {
        inOrder &= renderings.back().generation == generation && !renderings.back().ended;
        renderings.back().ended = true;
        renderings.back().complete = complete;
        renderings.back().endedAt = now;
        if (failEnd) return Fail(MediaErrorCode::kSinkFailed);
        return {};
    }

    std::size_t Total() const {
        std::size_t total = 0;
        for (const Rendering& rendering : renderings) total += rendering.bytes.size();
        return total;
    }

    std::size_t appetite = ~std::size_t{0};  ///< bytes taken of each offer, at most
    bool failBegin = false;
    bool failRender = false;
    bool failEnd = false;
    bool inOrder = true;  ///< every call came where the contract of Sink allows it
    std::size_t largestOffer = 0;
    std::vector<Rendering> renderings;
};

}  // namespace crsp::test
