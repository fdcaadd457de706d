// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/time.h"
#include "model/media/messages.h"
#include "model/wire/error-codes.h"

namespace crsp {

/// What a controller can be told to do.
enum class Verb : std::uint8_t {
    kList,
    kPlay,
    kPause,
    kResume,
    kRestart,
    kStop,
    kStatus,
    kTakeOver,
};

/// Lower-case, as typed: `list`, `play`, ...
std::string_view ToString(Verb verb);
std::optional<Verb> VerbFromText(std::string_view text);

/// Command ids of one controller: from a start that `instance` scatters over all 64 bits, counting
/// up, so that controllers of different instance do not meet. Never 0.
class CommandIds {
  public:
    explicit CommandIds(std::uint64_t instance);
    CommandId Next();

  private:
    CommandId m_next;
};

/// How one command of a controller ended. Exactly one of these comes for each command.
struct CommandResult {
    CommandId id = 0;
    Verb verb = Verb::kStatus;
    TimePoint issuedAt;
    TimePoint answeredAt;
    /// Absent on success.
    std::optional<MediaErrorCode> error;
    /// What to tell the user about `error`. From the peer: print with PrintableName.
    std::string text;
    /// With kConnectionLost: why the connection ended.
    std::optional<TransportErrorCode> transportError;

    Generation generation = 0;   ///< that holds after the command (renderer verbs)
    EntryId entry = 0;           ///< play, status
    EntryVersion version = 0;    ///< play
    std::uint64_t position = 0;  ///< bytes; pause, resume, restart, stop, status
    std::uint64_t size = 0;      ///< bytes of the entry; play, status
    TransportState state = TransportState::kNoMedia;   ///< status
    std::uint8_t actions = 0;                          ///< status: AvailableActions
    MediaErrorCode stateCode = MediaErrorCode::kNone;  ///< status: why the state is kError
    std::uint64_t changeCounter = 0;                   ///< list
    /// list: how many entries the server has. More than `listing` holds only if the catalogue is
    /// larger than kMaxCatalogueEntries.
    std::uint64_t total = 0;
    std::vector<CatalogueEntry> listing;

    bool Ok() const { return !error; }
    Duration Latency() const { return answeredAt - issuedAt; }
};

/// What a renderer tells its controllers unasked.
struct Notification {
    enum class Kind : std::uint8_t {
        kBegun,
        kEnded,
        kError,
        kTakenOver,  ///< another controller owns the renderer now, and we do not
    };

    Kind kind = Kind::kEnded;
    TimePoint at;
    Generation generation = 0;                    ///< begun, ended
    EntryId entry = 0;                            ///< begun
    std::uint64_t size = 0;                       ///< begun: bytes of the entry
    std::uint64_t rendered = 0;                   ///< ended: bytes given to the sink
    EndReason reason = EndReason::kComplete;      ///< ended
    MediaErrorCode code = MediaErrorCode::kNone;  ///< ended if kFailed, error
    std::string text;                             ///< error
};

}  // namespace crsp
