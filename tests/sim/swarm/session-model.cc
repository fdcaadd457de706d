// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/session-model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/media/memory-content-store.h"

namespace crsp::sim {

SessionModel::SessionModel(std::string renderer, KeyOf keyOf, Output output, Verdict& verdict)
    : m_renderer(std::move(renderer)),
      m_keyOf(std::move(keyOf)),
      m_output(output),
      m_verdict(verdict) {}

// What gets to the output.

Expected<void, MediaErrorCode> SessionModel::Begin(TimePoint, Generation generation,
                                                   const ContentInfo& info) {
    if (generation <= m_generation) Fail(fmt::format("begins generation {} again", generation));
    if (m_open) Fail("begins a generation before the last has ended");
    if (generation < m_told) Fail(fmt::format("begins generation {}, which is over", generation));
    if (generation == m_told && m_restarted && info.offset != 0) {
        Fail(fmt::format("a restart begins at {}", info.offset));
    }
    const auto key = m_keyOf(info.entry, info.version);
    if (!key) Fail(fmt::format("entry {} has no version {}", info.entry, info.version));
    m_key = key.value_or(0);
    m_generation = generation;
    m_info = info;
    m_position = info.offset;
    m_open = true;
    m_complete = false;
    return {};
}

Expected<std::size_t, MediaErrorCode> SessionModel::Render(TimePoint, Generation generation,
                                                           std::uint64_t offset,
                                                           ConstByteSpan bytes) {
    if (!m_open || generation != m_generation) Fail("renders what has not begun");
    if (generation < m_told) Fail(fmt::format("renders generation {} after its end", generation));
    if (generation == m_paused) Fail("renders after a pause that it acknowledged");
    if (offset != m_position) Fail(fmt::format("renders {} where {} follows", offset, m_position));
    if (m_output.failsAfter && m_position >= *m_output.failsAfter) {
        m_verdict.Fired(Fault::kSinkFailure);
        return crsp::Fail(MediaErrorCode::kSinkFailed);
    }
    const auto taken = bytes.first(std::min(bytes.size(), m_output.mostAtOnce));
    if (taken.size() < bytes.size()) m_verdict.Fired(Fault::kSlowSink);
    CheckBytes(offset, taken);
    m_position += taken.size();
    m_renderedInAll += taken.size();
    m_verdict.Reached(Moment::kPlaying);
    return taken.size();
}

void SessionModel::CheckBytes(std::uint64_t offset, ConstByteSpan bytes) {
    m_expected.resize(bytes.size());
    FillGenerated(m_key, offset, m_expected);
    const auto wrong = std::mismatch(bytes.begin(), bytes.end(), m_expected.begin()).first;
    if (wrong == bytes.end()) return;
    Fail(fmt::format("wrong byte at offset {}", offset + (wrong - bytes.begin())));
}

Expected<void, MediaErrorCode> SessionModel::End(TimePoint, Generation generation, bool complete) {
    if (!m_open || generation != m_generation) Fail("ends what has not begun");
    if (complete && m_position != m_info.size) Fail("is complete without its last byte");
    if (complete) m_verdict.Reached(Moment::kRenderedAll);
    m_open = false;
    m_complete = complete;
    return {};
}

// What controllers are told.

void SessionModel::OnEvent(TimePoint now, std::uint64_t, const TraceEvent& event) {
    const auto* media = std::get_if<trace::MediaEvent>(&event);
    if (media && media->detail == "sent") OnSent(now, *media);
}

void SessionModel::OnSent(TimePoint now, const trace::MediaEvent& event) {
    const bool answers = event.name != "render" && event.name != "status_report";
    if (answers) {
        m_answers[std::string(event.name)].push_back({now, event.generation, event.position});
    }
    if (event.name == "paused") {
        m_paused = event.generation;
        m_verdict.Reached(Moment::kPaused);
        OnPosition(event);
    } else if (event.name == "resumed") {
        OnPosition(event);
        m_paused = 0;
    } else if (event.name == "restarted") {
        if (event.generation <= m_told) Fail("restarts into an old generation");
        m_told = event.generation;
        m_restarted = true;
        m_paused = 0;
        m_verdict.Reached(Moment::kRestarted);
    } else if (event.name == "rendering_begun") {
        OnBegun(event);
    } else if (event.name == "rendering_ended") {
        OnEnded(event);
    }
}

void SessionModel::OnPosition(const trace::MediaEvent& event) {
    if (event.generation < m_told) Fail("answers for an old generation");
    const bool here = event.generation == m_generation;
    if (here && event.position != m_position) {
        Fail(fmt::format("{} at {}, but {} was rendered", event.name, event.position, m_position));
    }
}

void SessionModel::OnBegun(const trace::MediaEvent& event) {
    if (event.generation < m_told) Fail("announces an old generation");
    if (event.generation != m_generation) Fail("announces what has not begun");
    if (event.generation > m_told) m_restarted = false;
    m_told = event.generation;
}

void SessionModel::OnEnded(const trace::MediaEvent& event) {
    if (event.generation < m_told) Fail("ends an old generation");
    m_told = std::max(m_told, event.generation);
    const bool here = event.generation == m_generation;
    const std::uint64_t rendered = here ? m_position - m_info.offset : 0;
    if (event.position != rendered) {
        Fail(fmt::format("says {} bytes were rendered, and {} were", event.position, rendered));
    }
    if (here && m_open) Fail("says a generation is over that is not");
}

bool SessionModel::Explains(const CommandResult& result, bool timesAgree) const {
    constexpr std::array<std::pair<Verb, std::string_view>, 5> kAnswers = {
        {{Verb::kPlay, "rendering_begun"},
         {Verb::kPause, "paused"},
         {Verb::kResume, "resumed"},
         {Verb::kRestart, "restarted"},
         {Verb::kStop, "stopped"}}};
    const auto kind = std::find_if(kAnswers.begin(), kAnswers.end(),
                                   [&](const auto& k) { return k.first == result.verb; });
    if (kind == kAnswers.end()) return true;
    const auto answers = m_answers.find(kind->second);
    if (answers == m_answers.end()) return false;
    return std::any_of(answers->second.begin(), answers->second.end(), [&](const Answer& answer) {
        const bool then = answer.at >= result.issuedAt && answer.at <= result.answeredAt;
        return (then || !timesAgree) && answer.generation == result.generation &&
               (result.verb == Verb::kPlay || answer.position == result.position);
    });
}

}  // namespace crsp::sim
