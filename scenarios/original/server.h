// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/original/party.h"

namespace crsp::original {

/// What a server offers under one name.
struct Entry {
    std::string name;
    std::string bytes;
};

/// Sends listings and contents in portions, one each kPortionInterval, and never learns what became
/// of them. Serves one listing and one rendering at a time: a new one takes the old one's place.
class Server : public Party {
  public:
    /// A listing has the names, with a line feed behind each.
    explicit Server(std::vector<Entry> entries);

    void OnTimeout(TimePoint now) override;
    std::optional<TimePoint> NextTimeout() const override;
    bool Finished() const override { return m_finished; }

  protected:
    Expected<void, std::string> OnMessage(TimePoint now, std::size_t port,
                                          const SocketAddress& from,
                                          const Message& message) override;

  private:
    /// An answer on its way.
    struct Answer {
        MessageType type;
        SocketAddress to;
        const std::string* bytes;
        std::size_t offset = 0;
        bool paused = false;
        std::optional<TimePoint> next;  ///< none once the last portion has left
    };

    Expected<void, std::string> Render(TimePoint now, const SocketAddress& from,
                                       const Message& message);
    Expected<void, std::string> Control(TimePoint now, const SocketAddress& from,
                                        const Message& message);
    void SendDue(TimePoint now, std::optional<Answer>& answer);

    std::vector<Entry> m_entries;
    std::string m_names;
    std::optional<Answer> m_listing;
    std::optional<Answer> m_contents;
    bool m_finished = false;
};

}  // namespace crsp::original
