// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/messages.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "model/base/assert.h"

namespace crsp {
namespace {

/// The two sides of the wire, with the same verbs, so that each message lists its fields once:
/// Id is 8 bytes, Count a varint, Small one byte up to a limit, Text a varint length and bytes.
class FieldWriter {
  public:
    template <class M>
    using Of = const M;

    explicit FieldWriter(ByteSpan bytes) : m_writer(bytes) {}

    void Id(std::uint64_t value) { m_writer.U64(value); }
    void Count(std::uint64_t value) {
        CRSP_ASSERT(value <= kVarintMax);
        m_writer.Varint(value);
    }
    template <class T>
    void Small(T value, std::uint8_t max) {
        CRSP_ASSERT(static_cast<std::uint8_t>(value) <= max);
        m_writer.U8(static_cast<std::uint8_t>(value));
    }
    void Code(MediaErrorCode code) { m_writer.Varint(static_cast<std::uint64_t>(code)); }
    void Text(std::string_view text, std::size_t limit) {
        CRSP_ASSERT(text.size() <= limit);
        m_writer.LengthPrefixed(AsBytes(text));
    }
    template <class F>
    void Repeat(const std::vector<CatalogueEntry>& entries, const F& fields) {
        CRSP_ASSERT(entries.size() <= kMaxEntriesPerListing);
        m_writer.Varint(entries.size());
        for (const CatalogueEntry& entry : entries) fields(*this, entry);
    }

    void Key(const PeerKey& key) { m_writer.Bytes(key); }

    const ByteWriter& Writer() const { return m_writer; }

  private:
    ByteWriter m_writer;
};

class FieldReader {
  public:
    template <class M>
    using Of = M;

    explicit FieldReader(ByteReader& reader) : m_reader(reader) {}

    void Id(std::uint64_t& value) { Take(m_reader.U64(), value); }
    void Count(std::uint64_t& value) { Take(m_reader.Varint(), value); }
    template <class T>
    void Small(T& value, std::uint8_t max) {
        std::uint8_t raw = 0;
        Take(m_reader.U8(), raw);
        if (raw > max) m_ok = false;
        if (m_ok) value = static_cast<T>(raw);
    }
    void Code(MediaErrorCode& code) {
        std::uint64_t raw = 0;
        Count(raw);
        code = MediaErrorFromWire(raw);
    }
    void Text(std::string& text, std::size_t limit) {
        const auto bytes = m_reader.LengthPrefixed(limit);
        if (!bytes) m_ok = false;
        if (m_ok) text = AsText(*bytes);
    }
    template <class F>
    void Repeat(std::vector<CatalogueEntry>& entries, const F& fields) {
        std::uint64_t count = 0;
        Count(count);
        if (count > kMaxEntriesPerListing) m_ok = false;
        for (std::uint64_t i = 0; m_ok && i < count; ++i) fields(*this, entries.emplace_back());
    }

    void Key(PeerKey& key) {
        const auto bytes = m_reader.Bytes(key.size());
        if (!bytes) m_ok = false;
        if (m_ok) std::copy(bytes->begin(), bytes->end(), key.begin());
    }

    bool Ok() const { return m_ok; }

  private:
    template <class T>
    void Take(std::optional<T> from, T& to) {
        if (!from) m_ok = false;
        if (m_ok) to = *from;
    }

    ByteReader& m_reader;
    bool m_ok = true;
};

template <class Io, class M>
using Ref = typename Io::template Of<M>&;

// The fields behind the command id, in the order of CRSP §9.2.

template <class Io>
void Fields(Io& io, Ref<Io, ListMessage> m) {
    io.Count(m.start);
    io.Count(m.count);
}

template <class Io>
void Fields(Io& io, Ref<Io, ListingMessage> m) {
    io.Count(m.changeCounter);
    io.Count(m.total);
    io.Count(m.start);
    io.Repeat(m.entries, [](auto& inner, auto& entry) {
        inner.Id(entry.id);
        inner.Id(entry.version);
        inner.Count(entry.size);
        inner.Text(entry.name, kMaxNameSize);
    });
}

template <class Io>
void Fields(Io& io, Ref<Io, GrantMessage> m) {
    io.Id(m.entry);
    io.Id(m.version);
    io.Key(m.renderer);
    io.Count(m.lifetime);
}

template <class Io>
void Fields(Io& io, Ref<Io, GrantedMessage> m) {
    io.Count(m.lifetime);
    io.Text(m.grant, kMaxGrantSize);
}

template <class Io>
void Fields(Io& io, Ref<Io, RenderMessage> m) {
    io.Count(m.generation);
    io.Text(m.server, kMaxNameSize);
    io.Id(m.entry);
    io.Id(m.version);
    io.Count(m.offset);
    io.Text(m.grant, kMaxGrantSize);
}

template <class Io>
void Fields(Io& io, Ref<Io, ContentsMessage> m) {
    io.Count(m.generation);
    io.Id(m.entry);
    io.Id(m.version);
    io.Count(m.offset);
    io.Count(m.size);
}

template <class Io>
void Fields(Io& io, Ref<Io, RenderingBegunMessage> m) {
    io.Count(m.generation);
    io.Id(m.entry);
    io.Id(m.version);
    io.Count(m.size);
}

template <class Io>
void Fields(Io& io, Ref<Io, RenderingEndedMessage> m) {
    io.Count(m.generation);
    io.Count(m.rendered);
    io.Small(m.reason, static_cast<std::uint8_t>(EndReason::kReplaced));
    io.Code(m.code);
}

template <class Io, MessageType kType>
void VerbFields(Io& io, Ref<Io, VerbMessage<kType>> m) {
    io.Count(m.generation);
}

template <class Io, MessageType kType>
void VerbDoneFields(Io& io, Ref<Io, VerbDoneMessage<kType>> m) {
    io.Count(m.generation);
    io.Count(m.position);
}

template <class Io>
void Fields(Io& io, Ref<Io, PauseMessage> m) {
    VerbFields<Io, MessageType::kPause>(io, m);
}
template <class Io>
void Fields(Io& io, Ref<Io, ResumeMessage> m) {
    VerbFields<Io, MessageType::kResume>(io, m);
}
template <class Io>
void Fields(Io& io, Ref<Io, RestartMessage> m) {
    VerbFields<Io, MessageType::kRestart>(io, m);
}
template <class Io>
void Fields(Io& io, Ref<Io, StopMessage> m) {
    VerbFields<Io, MessageType::kStop>(io, m);
}
template <class Io>
void Fields(Io& io, Ref<Io, PausedMessage> m) {
    VerbDoneFields<Io, MessageType::kPaused>(io, m);
}
template <class Io>
void Fields(Io& io, Ref<Io, ResumedMessage> m) {
    VerbDoneFields<Io, MessageType::kResumed>(io, m);
}
template <class Io>
void Fields(Io& io, Ref<Io, RestartedMessage> m) {
    VerbDoneFields<Io, MessageType::kRestarted>(io, m);
}
template <class Io>
void Fields(Io& io, Ref<Io, StoppedMessage> m) {
    VerbDoneFields<Io, MessageType::kStopped>(io, m);
}

template <class Io>
void Fields(Io&, Ref<Io, StatusMessage>) {}

template <class Io>
void Fields(Io& io, Ref<Io, StatusReportMessage> m) {
    io.Small(m.state, static_cast<std::uint8_t>(TransportState::kError));
    io.Count(m.generation);
    io.Id(m.entry);
    io.Count(m.position);
    io.Count(m.size);
    io.Small(m.actions, 0xff);
    io.Code(m.code);
}

template <class Io>
void Fields(Io& io, Ref<Io, ErrorMessage> m) {
    io.Code(m.code);
    io.Small(m.retryable, 1);
    io.Text(m.text, kMaxErrorText);
    io.Count(m.retryAfter);
}

template <class Io>
void Fields(Io&, Ref<Io, TakeOverMessage>) {}

template <class Io>
void Fields(Io& io, Ref<Io, OwnershipMessage> m) {
    io.Small(m.owner, static_cast<std::uint8_t>(Owner::kAnother));
}

template <class Io>
void Fields(Io&, Ref<Io, ExitMessage>) {}

/// More than the fields of fixed number take, names and texts included.
constexpr std::size_t kFixedPartBound = 640;
/// More than one catalogue entry takes.
constexpr std::size_t kEntryBound = 8 + 8 + 8 + 2 + kMaxNameSize;
static_assert(kFixedPartBound + kMaxEntriesPerListing * kEntryBound <= kMaxMessageSize);

std::size_t SizeBound(const Message& message) {
    const auto* listing = std::get_if<ListingMessage>(&message);
    return kFixedPartBound + (listing ? listing->entries.size() * kEntryBound : 0);
}

template <class M>
void EncodeBody(FieldWriter& io, const M& message) {
    if constexpr (std::is_same_v<M, UnknownMessage>) {
        CRSP_ASSERT(!"an unknown message has no encoding");
    } else {
        io.Count(static_cast<std::uint64_t>(M::kType));
        io.Id(message.command);
        Fields(io, message);
    }
}

template <class M>
Expected<Message, MediaErrorCode> DecodeAs(CommandId command, ByteReader& reader) {
    M message;
    message.command = command;
    FieldReader io(reader);
    Fields(io, message);
    if (!io.Ok() || !reader.Empty()) return Fail(MediaErrorCode::kMalformedMessage);
    return Message(std::move(message));
}

using Decoder = Expected<Message, MediaErrorCode> (*)(CommandId, ByteReader&);

/// Looks `type` up among the alternatives of Message but the last, which is UnknownMessage.
template <std::size_t... kIndex>
Decoder DecoderFor(std::uint64_t type, std::index_sequence<kIndex...>) {
    Decoder found = nullptr;
    ((static_cast<std::uint64_t>(std::variant_alternative_t<kIndex, Message>::kType) == type
          ? void(found = &DecodeAs<std::variant_alternative_t<kIndex, Message>>)
          : void()),
     ...);
    return found;
}

}  // namespace

std::optional<Duration> RetryAfter(const ErrorMessage& error) {
    if (!error.retryable || error.retryAfter == 0) return std::nullopt;
    constexpr auto kMost = std::chrono::duration_cast<milliseconds>(kMaxRetryAfter).count();
    return milliseconds(std::min<std::uint64_t>(error.retryAfter, kMost));
}

ErrorMessage MakeError(CommandId command, MediaErrorCode code, std::string_view text) {
    const std::string_view words = text.empty() ? ToString(code) : text;
    return {command, code, IsRetryable(code), std::string(words.substr(0, kMaxErrorText)), 0};
}

std::string_view ToString(MessageType type) {
    switch (type) {
        case MessageType::kList:
            return "list";
        case MessageType::kListing:
            return "listing";
        case MessageType::kGrant:
            return "grant";
        case MessageType::kGranted:
            return "granted";
        case MessageType::kRender:
            return "render";
        case MessageType::kContents:
            return "contents";
        case MessageType::kRenderingBegun:
            return "rendering_begun";
        case MessageType::kRenderingEnded:
            return "rendering_ended";
        case MessageType::kPause:
            return "pause";
        case MessageType::kPaused:
            return "paused";
        case MessageType::kResume:
            return "resume";
        case MessageType::kResumed:
            return "resumed";
        case MessageType::kRestart:
            return "restart";
        case MessageType::kRestarted:
            return "restarted";
        case MessageType::kStop:
            return "stop";
        case MessageType::kStopped:
            return "stopped";
        case MessageType::kStatus:
            return "status";
        case MessageType::kStatusReport:
            return "status_report";
        case MessageType::kError:
            return "error";
        case MessageType::kTakeOver:
            return "take_over";
        case MessageType::kOwnership:
            return "ownership";
        case MessageType::kExit:
            return "exit";
    }
    return "unknown";
}

std::string_view ToString(EndReason reason) {
    switch (reason) {
        case EndReason::kComplete:
            return "complete";
        case EndReason::kStopped:
            return "stopped";
        case EndReason::kFailed:
            return "failed";
        case EndReason::kReplaced:
            return "replaced";
    }
    return "unknown";
}

CommandId CommandOf(const Message& message) {
    return std::visit([](const auto& m) { return m.command; }, message);
}

std::string_view NameOf(const Message& message) {
    return std::visit(
        [](const auto& m) -> std::string_view {
            using M = std::decay_t<decltype(m)>;
            if constexpr (std::is_same_v<M, UnknownMessage>) {
                return "unknown";
            } else {
                return ToString(M::kType);
            }
        },
        message);
}

void EncodeMessage(const Message& message, std::vector<std::byte>& out) {
    std::vector<std::byte> body(SizeBound(message));
    FieldWriter io(body);
    std::visit([&io](const auto& m) { EncodeBody(io, m); }, message);
    CRSP_ASSERT(io.Writer().Ok());
    const ByteSpan written = io.Writer().Written();

    const std::size_t start = out.size();
    out.resize(start + VarintLength(written.size()) + written.size());
    ByteWriter framed(ByteSpan(out).subspan(start));
    framed.LengthPrefixed(written);
    CRSP_ASSERT(framed.Ok() && framed.Remaining() == 0);
}

Expected<Message, MediaErrorCode> DecodeMessage(ConstByteSpan body) {
    ByteReader reader(body);
    const auto type = reader.Varint();
    const auto command = reader.U64();
    if (!type || !command) return Fail(MediaErrorCode::kMalformedMessage);
    constexpr auto kKnown = std::make_index_sequence<std::variant_size_v<Message> - 1>();
    if (const Decoder decode = DecoderFor(*type, kKnown)) return decode(*command, reader);
    return Message(UnknownMessage{*command, *type});
}

}  // namespace crsp
