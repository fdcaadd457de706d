// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/base/time.h"
#include "model/connection/known-peer.h"
#include "model/media/catalogue.h"
#include "model/media/media-error.h"
#include "model/media/transport-state.h"

namespace crsp {

/// Chosen by the controller; the same id is the same command, however often it arrives (CRSP §9.7).
/// 0 marks a message that answers none.
using CommandId = std::uint64_t;
/// Counts what a renderer was told to play: each accepted RENDER and RESTART begins a new one, from
/// 1 (CRSP §9.6). 0 in a request means any.
using Generation = std::uint64_t;

/// Message types (CRSP §9.2). 10 to 35, 44 and 99 are those of the original CRSP; 36 and 37 are
/// kept for SEEK and SOUGHT.
enum class MessageType : std::uint64_t {
    kList = 10,
    kListing = 11,
    kGrant = 12,
    kGranted = 13,
    kRender = 20,
    kContents = 21,
    kRenderingBegun = 22,
    kRenderingEnded = 23,
    kPause = 30,
    kPaused = 31,
    kResume = 32,
    kResumed = 33,
    kRestart = 34,
    kRestarted = 35,
    kStop = 40,
    kStopped = 41,
    kStatus = 42,
    kStatusReport = 43,
    kError = 44,
    kTakeOver = 45,
    kOwnership = 46,
    kExit = 99,
};

/// Type and fields of one message, at most; the length in front of them not counted (CRSP §9.9).
inline constexpr std::size_t kMaxMessageSize = 64 * 1024;
/// Entries in one LISTING, at most; with names of full length they still fit a message.
inline constexpr std::size_t kMaxEntriesPerListing = 220;
/// Bytes of the text of an ERROR, at most.
inline constexpr std::size_t kMaxErrorText = 255;
/// What a peer may ask to wait at most; more is taken for this.
inline constexpr Duration kMaxRetryAfter = seconds(60);
/// Bytes of a grant, at most (CRSP §9.10).
inline constexpr std::size_t kMaxGrantSize = 255;

/// Asks a server for a part of its catalogue. `count` 0 means as many as fit.
struct ListMessage {
    static constexpr MessageType kType = MessageType::kList;
    CommandId command = 0;
    std::uint64_t start = 0;
    std::uint64_t count = 0;
    bool operator==(const ListMessage&) const = default;
};

/// Entries `start` and on, in an order that is stable while `changeCounter` is.
struct ListingMessage {
    static constexpr MessageType kType = MessageType::kListing;
    CommandId command = 0;
    std::uint64_t changeCounter = 0;
    std::uint64_t total = 0;
    std::uint64_t start = 0;
    std::vector<CatalogueEntry> entries;
    bool operator==(const ListingMessage&) const = default;
};

/// Asks a server to let the renderer with the key `renderer` open `entry` in `version` (0: any) in
/// the asker's name, for `lifetime` at most (CRSP §9.10).
struct GrantMessage {
    static constexpr MessageType kType = MessageType::kGrant;
    CommandId command = 0;
    EntryId entry = 0;
    EntryVersion version = 0;
    PeerKey renderer{};
    std::uint64_t lifetime = 0;  ///< milliseconds
    bool operator==(const GrantMessage&) const = default;
};

/// `grant` means something to the server that gave it, and only for so long.
struct GrantedMessage {
    static constexpr MessageType kType = MessageType::kGranted;
    CommandId command = 0;
    std::uint64_t lifetime = 0;  ///< milliseconds
    std::string grant;           ///< at most kMaxGrantSize bytes
    bool operator==(const GrantedMessage&) const = default;
};

/// To a renderer: play `entry` of the server it knows as `server` (empty: its first), and
/// `generation` is the one expected. To a server: send it, as the renderer's new `generation`.
struct RenderMessage {
    static constexpr MessageType kType = MessageType::kRender;
    CommandId command = 0;
    Generation generation = 0;
    std::string server;
    EntryId entry = 0;
    EntryVersion version = 0;
    std::uint64_t offset = 0;
    /// What a GRANTED said; empty where the renderer may read the entry itself.
    std::string grant{};
    bool operator==(const RenderMessage&) const = default;
};

/// First on the contents stream; the bytes of the entry from `offset` follow it.
struct ContentsMessage {
    static constexpr MessageType kType = MessageType::kContents;
    CommandId command = 0;
    Generation generation = 0;
    EntryId entry = 0;
    EntryVersion version = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  ///< of the whole entry
    bool operator==(const ContentsMessage&) const = default;
};

/// Answers RENDER, and tells every other controller (with command 0) what plays now.
struct RenderingBegunMessage {
    static constexpr MessageType kType = MessageType::kRenderingBegun;
    CommandId command = 0;
    Generation generation = 0;
    EntryId entry = 0;
    EntryVersion version = 0;
    std::uint64_t size = 0;
    bool operator==(const RenderingBegunMessage&) const = default;
};

enum class EndReason : std::uint8_t { kComplete = 0, kStopped = 1, kFailed = 2, kReplaced = 3 };

/// Tells every controller that a generation is over; command is always 0.
struct RenderingEndedMessage {
    static constexpr MessageType kType = MessageType::kRenderingEnded;
    CommandId command = 0;
    Generation generation = 0;
    std::uint64_t rendered = 0;  ///< bytes given to the sink in this generation
    EndReason reason = EndReason::kComplete;
    MediaErrorCode code = MediaErrorCode::kNone;  ///< why, if kFailed
    bool operator==(const RenderingEndedMessage&) const = default;
};

/// PAUSE, RESUME, RESTART and STOP: `generation` is the one the controller expects, 0 any.
template <MessageType kMessageType>
struct VerbMessage {
    static constexpr MessageType kType = kMessageType;
    CommandId command = 0;
    Generation generation = 0;
    bool operator==(const VerbMessage&) const = default;
};
using PauseMessage = VerbMessage<MessageType::kPause>;
using ResumeMessage = VerbMessage<MessageType::kResume>;
using RestartMessage = VerbMessage<MessageType::kRestart>;
using StopMessage = VerbMessage<MessageType::kStop>;

/// Their answers: the generation that holds now, and how far into the entry it has been rendered.
template <MessageType kMessageType>
struct VerbDoneMessage {
    static constexpr MessageType kType = kMessageType;
    CommandId command = 0;
    Generation generation = 0;
    std::uint64_t position = 0;  ///< bytes
    bool operator==(const VerbDoneMessage&) const = default;
};
using PausedMessage = VerbDoneMessage<MessageType::kPaused>;
using ResumedMessage = VerbDoneMessage<MessageType::kResumed>;
using RestartedMessage = VerbDoneMessage<MessageType::kRestarted>;
using StoppedMessage = VerbDoneMessage<MessageType::kStopped>;

struct StatusMessage {
    static constexpr MessageType kType = MessageType::kStatus;
    CommandId command = 0;
    bool operator==(const StatusMessage&) const = default;
};

struct StatusReportMessage {
    static constexpr MessageType kType = MessageType::kStatusReport;
    CommandId command = 0;
    TransportState state = TransportState::kNoMedia;
    Generation generation = 0;
    EntryId entry = 0;
    std::uint64_t position = 0;                   ///< bytes into the entry
    std::uint64_t size = 0;                       ///< of the entry; 0 until known
    std::uint8_t actions = 0;                     ///< AvailableActions(state)
    MediaErrorCode code = MediaErrorCode::kNone;  ///< why, in kError
    bool operator==(const StatusReportMessage&) const = default;
};

struct ErrorMessage {
    static constexpr MessageType kType = MessageType::kError;
    CommandId command = 0;
    MediaErrorCode code = MediaErrorCode::kNone;
    bool retryable = false;
    std::string text;
    /// Milliseconds after which it may be worth trying again; 0 where nobody knows.
    std::uint64_t retryAfter = 0;
    bool operator==(const ErrorMessage&) const = default;
};

/// Makes the sender the owner of a renderer that another controller owns (CRSP §9.10).
struct TakeOverMessage {
    static constexpr MessageType kType = MessageType::kTakeOver;
    CommandId command = 0;
    bool operator==(const TakeOverMessage&) const = default;
};

/// Who owns the renderer, seen from the receiver.
enum class Owner : std::uint8_t { kNobody = 0, kYou = 1, kAnother = 2 };

/// Answers TAKE_OVER; and tells an owner, with command 0, that it is one no more.
struct OwnershipMessage {
    static constexpr MessageType kType = MessageType::kOwnership;
    CommandId command = 0;
    Owner owner = Owner::kNobody;
    bool operator==(const OwnershipMessage&) const = default;
};

/// The sender leaves in good order; the receiver closes the connection with code 0.
struct ExitMessage {
    static constexpr MessageType kType = MessageType::kExit;
    CommandId command = 0;
    bool operator==(const ExitMessage&) const = default;
};

/// A type that this version does not know. Since every message begins with its command id, the
/// receiver can still answer it with ERROR kNotSupported. Never encoded.
struct UnknownMessage {
    CommandId command = 0;
    std::uint64_t type = 0;
    bool operator==(const UnknownMessage&) const = default;
};

using Message =
    std::variant<ListMessage, ListingMessage, GrantMessage, GrantedMessage, RenderMessage,
                 ContentsMessage, RenderingBegunMessage, RenderingEndedMessage, PauseMessage,
                 PausedMessage, ResumeMessage, ResumedMessage, RestartMessage, RestartedMessage,
                 StopMessage, StoppedMessage, StatusMessage, StatusReportMessage, ErrorMessage,
                 TakeOverMessage, OwnershipMessage, ExitMessage, UnknownMessage>;

/// How long `error` asks to wait before trying again, at most kMaxRetryAfter; nothing if it does
/// not.
std::optional<Duration> RetryAfter(const ErrorMessage& error);

/// An ERROR that answers `command`, with the code's own words unless `text` says more. Text beyond
/// kMaxErrorText is cut.
ErrorMessage MakeError(CommandId command, MediaErrorCode code, std::string_view text = {});

/// Lower-case name for traces, as in `rendering_begun`; `unknown` for other numbers.
std::string_view ToString(MessageType type);
std::string_view ToString(EndReason reason);

/// The command id of any message.
CommandId CommandOf(const Message& message);
/// Lower-case name for traces, as in `rendering_begun`.
std::string_view NameOf(const Message& message);

/// Appends length, type and fields of `message` to `out` (CRSP §9.1). The caller keeps within the
/// limits above, which is asserted.
void EncodeMessage(const Message& message, std::vector<std::byte>& out);

/// Takes apart `body`, the type and fields without the length in front. kMalformedMessage if a
/// field is missing, out of bounds, or followed by more bytes than it should be.
Expected<Message, MediaErrorCode> DecodeMessage(ConstByteSpan body);

}  // namespace crsp
