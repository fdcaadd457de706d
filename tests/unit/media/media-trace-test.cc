// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/media-trace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/trace/tracer.h"

namespace crsp {
namespace {

class Recorder : public Tracer {
  public:
    void OnEvent(TimePoint, std::uint64_t, const TraceEvent& event) override {
        const auto& media = std::get<trace::MediaEvent>(event);
        lines.push_back(std::string(media.name) + " " + std::to_string(media.generation) + " " +
                        std::to_string(media.position) + " " + std::string(media.detail));
    }
    std::vector<std::string> lines;
};

TEST(MediaTrace, TellsWhatAMessageIsAbout) {
    Recorder recorder;
    TraceMessage(&recorder, {}, "sent", PausedMessage{1, 2, 3});
    TraceMessage(&recorder, {}, "received", RenderMessage{1, 4, "", 5, 6, 7});
    TraceMessage(&recorder, {}, "sent", RenderingEndedMessage{0, 8, 9});
    TraceMessage(&recorder, {}, "sent", ListMessage{});
    TraceState(&recorder, {}, TransportState::kPlaying, 2, 99);
    const std::vector<std::string> expected = {"paused 2 3 sent", "render 4 7 received",
                                               "rendering_ended 8 9 sent", "list 0 0 sent",
                                               "state 2 99 PLAYING"};
    EXPECT_EQ(recorder.lines, expected);
}

TEST(MediaTrace, WithoutATracerNothingHappens) {
    TraceMessage(nullptr, {}, "sent", ExitMessage{});
    TraceState(nullptr, {}, TransportState::kEnded, 1, 1);
}

}  // namespace
}  // namespace crsp
