// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/media/command.h"
#include "model/media/sink.h"
#include "model/trace/tracer.h"
#include "tests/sim/swarm/verdict.h"

namespace crsp::sim {

/// The reference model of one renderer's life: a generation, its position, and whether a pause was
/// acknowledged. It stands where the bytes go and hears what the renderer tells its controllers;
/// what it hears and what it gets must agree (CRSP §9.5 to §9.7).
class SessionModel : public Sink, public Tracer {
  public:
    /// The key of an entry's content, see FillGenerated; nothing if nobody has such an entry.
    using KeyOf = std::function<std::optional<std::uint64_t>(EntryId, EntryVersion)>;
    /// How the output behaves beside that: takes little at once, or fails after so many bytes.
    struct Output {
        std::size_t mostAtOnce = SIZE_MAX;
        std::optional<std::uint64_t> failsAfter;
    };

    SessionModel(std::string renderer, KeyOf keyOf, Output output, Verdict& verdict);

    Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                         const ContentInfo& info) override;
    Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                 std::uint64_t offset,
                                                 ConstByteSpan bytes) override;
    Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                       bool complete) override;
    void OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) override;

    /// An answer that says `verb` was done agrees with what the renderer did between issue and
    /// answer. With `timesAgree` unset its clock is not compared.
    bool Explains(const CommandResult& result, bool timesAgree) const;
    bool PauseAcknowledged() const { return m_paused == m_told && m_paused != 0; }
    std::uint64_t Rendered() const { return m_renderedInAll; }

  private:
    struct Answer {
        TimePoint at;
        Generation generation;
        std::uint64_t position;
    };

    void OnSent(TimePoint now, const trace::MediaEvent& event);
    void OnPosition(const trace::MediaEvent& event);
    void OnBegun(const trace::MediaEvent& event);
    void OnEnded(const trace::MediaEvent& event);
    void CheckBytes(std::uint64_t offset, ConstByteSpan bytes);
    void Fail(const std::string& what) { m_verdict.Fail(m_renderer + ": " + what); }

    std::string m_renderer;
    KeyOf m_keyOf;
    Output m_output;
    Verdict& m_verdict;
    std::map<std::string, std::vector<Answer>, std::less<>> m_answers;  ///< by message

    Generation m_told = 0;        ///< newest that controllers have heard of
    Generation m_paused = 0;      ///< the generation in which a pause was acknowledged; 0 none
    bool m_restarted = false;     ///< the newest was begun by RESTART
    Generation m_generation = 0;  ///< newest at the output
    bool m_open = false;
    ContentInfo m_info;
    std::uint64_t m_key = 0;
    std::uint64_t m_position = 0;
    bool m_complete = false;
    std::uint64_t m_renderedInAll = 0;
    std::vector<std::byte> m_expected;
};

}  // namespace crsp::sim
