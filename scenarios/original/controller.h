// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/media/script.h"
#include "scenarios/original/party.h"

namespace crsp::original {

/// Bytes of a listing that a controller keeps; more is refused.
inline constexpr std::size_t kMaxListing = 64 * 1024;

/// One command, and when it was answered, if it was.
struct Command {
    Verb verb = Verb::kList;
    TimePoint given;
    std::optional<TimePoint> answered;
};

/// Whether the original has a message for it.
bool HasVerb(Verb verb);

/// Gives the commands of a script at their times. It knows of no repetition: what is lost, or the
/// answer to it, is lost.
class Controller : public Party {
  public:
    struct Config {
        SocketAddress server;
        SocketAddress renderer;  ///< its first port
        Script script;           ///< of verbs that HasVerb(); times count from OnStart
        Duration limit{};        ///< after the start it gives up
        bool exit = false;       ///< at its end it tells the others to end, too
    };
    explicit Controller(Config config) : m_config(std::move(config)) {}

    void OnStart(TimePoint now) override;
    void OnTimeout(TimePoint now) override;
    std::optional<TimePoint> NextTimeout() const override;
    bool Finished() const override { return m_finished; }

    /// All was answered, and what was played has ended.
    bool Complete() const;
    const std::vector<Command>& Commands() const { return m_commands; }
    /// Names with a line feed behind each, as they came.
    const std::string& Listing() const { return m_listing; }

  protected:
    Expected<void, std::string> OnMessage(TimePoint now, std::size_t port,
                                          const SocketAddress& from,
                                          const Message& message) override;

  private:
    Expected<void, std::string> OnListing(TimePoint now, const Message& message);
    Expected<void, std::string> OnAnswer(TimePoint now, const Message& message);
    void NoteAnswer(TimePoint now, Verb verb);
    void Give(TimePoint now, const ScriptStep& step);
    std::optional<TimePoint> Due() const;
    void EndIfDone(TimePoint now);

    Config m_config;
    TimePoint m_start;
    std::optional<TimePoint> m_quiet;  ///< since when Complete()
    std::size_t m_next = 0;            ///< step of the script
    bool m_playing = false;
    bool m_finished = false;
    std::vector<Command> m_commands;
    std::string m_listing;
};

}  // namespace crsp::original
