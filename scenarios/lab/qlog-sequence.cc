// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/qlog-sequence.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "model/base/range-set.h"
#include "model/wire/types.h"

namespace crsp::lab {
namespace {

namespace fs = std::filesystem;

/// Files that a run's folder is searched for; it has a few.
constexpr std::size_t kMostFiles = 1000;
/// A later instant is none of a run: 30 years in seconds.
constexpr double kLastInstant = 1e9;
/// Time and name of an event stand this near to a record's begin.
constexpr std::size_t kHead = 96;
constexpr std::string_view kStreamFrame = "\"frame_type\":\"stream\"";
constexpr std::string_view kPacketNumber = "\"packet_number\":";

/// A stream by its connection's group and its id.
using StreamKey = std::pair<std::uint64_t, std::uint64_t>;

struct Part {
    StreamKey key;
    Range bytes;
};

struct Reading {
    std::map<StreamKey, StreamSequence> streams;
    std::set<StreamKey> received;
    std::vector<SequenceFault> faults;
    double earliest = kLastInstant;
    bool monotonic = false;
    bool cut = false;
    bool offsets = false;  ///< a frame said which bytes it carries
};

/// How much of [0, ...) is there.
std::uint64_t EdgeOf(const RangeSet& ranges) {
    if (ranges.Empty() || ranges.Front().begin > 0) return 0;
    return ranges.Front().end;
}

/// Grows by parts, and notes when what is there without a gap has become more.
class Edge {
  public:
    void Add(double at, const Range& bytes, std::vector<SequenceEdge>& edges) {
        const auto before = EdgeOf(m_ranges);
        m_ranges.Add(bytes);
        const auto now = EdgeOf(m_ranges);
        if (now > before) edges.push_back({at, now});
    }

  private:
    RangeSet m_ranges;
};

/// What follows the first `key` in `text`; empty if it is not there. Records are searched for what
/// our own writer writes, and not parsed: a report may read gigabytes of them.
std::string_view After(std::string_view text, std::string_view key) {
    const auto at = text.find(key);
    return at == std::string_view::npos ? std::string_view() : text.substr(at + key.size());
}

std::optional<std::uint64_t> NumberAfter(std::string_view text, std::string_view key,
                                         int base = 10) {
    const auto value = After(text, key);
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), number, base);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

/// A text without escapes.
std::string_view TextAfter(std::string_view text, std::string_view key) {
    const auto value = After(text, key);
    return value.substr(0, value.find('"'));
}

struct Record {
    double at = 0;
    std::string_view name;
    std::uint64_t group = 0;
    std::string_view text;
};

/// What the STREAM frames of a packet carried, but for those of the control stream.
std::vector<Part> PartsIn(const Record& record, Reading& reading) {
    std::vector<Part> parts;
    for (auto rest = After(record.text, kStreamFrame); !rest.empty();
         rest = After(rest, kStreamFrame)) {
        const auto frame = rest.substr(0, rest.find('}'));
        const auto stream = NumberAfter(frame, "\"stream_id\":");
        const auto begin = NumberAfter(frame, "\"offset\":");
        const auto length = NumberAfter(frame, "\"length\":");
        if (!stream || !begin || !length) continue;
        reading.offsets = true;
        const Range bytes{*begin, *begin + *length};
        if (*stream == kControlStream || bytes.Empty()) continue;
        parts.push_back({{record.group, *stream}, bytes});
    }
    return parts;
}

/// Whether a record may be one of those that tell something here; the others are most of a file.
bool IsOfInterest(const Record& record) {
    if (record.name == "crsp:packet_sent" || record.name == "crsp:packet_received") {
        return record.text.find(kStreamFrame) != std::string_view::npos;
    }
    return record.name == "crsp:packets_acked" || record.name == "crsp:packet_lost" ||
           record.name == "simulation:marker";
}

bool ReadRecord(std::string_view text, Record& record) {
    const auto head = text.substr(0, kHead);
    const auto time = After(head, "\"time\":");
    double ms = -1;
    std::from_chars(time.data(), time.data() + time.size(), ms);
    if (!(ms >= 0 && ms < 1000 * kLastInstant)) return false;
    record = {ms / 1000, TextAfter(head, "\"name\":\""),
              NumberAfter(text.substr(0, 2 * kHead), "\"group_id\":\"", 16).value_or(0), text};
    return true;
}

std::string ReadFront(const std::string& path, bool& cut) {
    std::ifstream file(path, std::ios::binary);
    std::error_code error;
    const auto size = fs::file_size(path, error);
    cut = cut || (!error && size > kMostQlogBytes);
    std::string text(error ? 0 : std::min<std::uintmax_t>(size, kMostQlogBytes), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
}

/// Calls `take` with each record that may tell something.
template <class Take>
void ReadQlog(const std::string& path, Reading& reading, Take take) {
    const std::string text = ReadFront(path, reading.cut);
    const std::string_view all = text;
    Record record;
    for (std::size_t at = 0; at < all.size();) {
        const auto end = all.find('\n', at);
        if (end == std::string_view::npos) break;
        const auto line = all.substr(at, end - at);
        if (at == 0) reading.monotonic = line.find("\"monotonic\"") != std::string_view::npos;
        at = end + 1;
        if (!ReadRecord(line, record)) continue;
        // What is told of a simulation has no instant in other worlds.
        const bool engine = record.name.starts_with("crsp:");
        if (engine) reading.earliest = std::min(reading.earliest, record.at);
        if (IsOfInterest(record)) take(record);
    }
}

void TakeMarker(const Record& record, Reading& reading) {
    if (TextAfter(record.text, "\"type\":\"") != "fault") return;
    if (reading.faults.size() == kMostFaults) return;
    reading.faults.push_back({record.at, std::string(TextAfter(record.text, "\"message\":\""))});
}

void ReadReceiver(const std::string& path, Reading& reading) {
    std::map<StreamKey, Edge> edges;
    ReadQlog(path, reading, [&](const Record& record) {
        if (record.name == "simulation:marker") return TakeMarker(record, reading);
        if (record.name != "crsp:packet_received") return;
        for (const Part& part : PartsIn(record, reading)) {
            reading.received.insert(part.key);
            edges[part.key].Add(record.at, part.bytes, reading.streams[part.key].delivered);
        }
    });
}

/// Follows packets from the sender's point of view.
class Sender {
  public:
    explicit Sender(Reading& reading) : m_reading(reading) {}

    void Take(const Record& record) {
        if (record.name == "crsp:packet_sent") return OnSent(record);
        if (record.name == "crsp:packets_acked") return OnAcked(record);
        if (record.name != "crsp:packet_lost") return;
        const auto number = NumberAfter(record.text, kPacketNumber);
        if (!number) return;
        for (const Part* part : Carried(record.group, *number)) {
            m_reading.streams[part->key].lost.push_back(
                {record.at, part->bytes.begin, part->bytes.end});
        }
    }

  private:
    void OnSent(const Record& record) {
        const auto number = NumberAfter(record.text, kPacketNumber);
        if (!number) return;
        auto& packet = m_packets[record.group][*number];
        for (Part& part : PartsIn(record, m_reading)) {
            if (!m_reading.received.contains(part.key)) continue;
            StreamSequence& stream = m_reading.streams[part.key];
            RangeSet& before = m_sent[part.key];
            const bool again = before.Contains(part.bytes.begin);
            before.Add(part.bytes);
            auto& list = again ? stream.repeated : stream.sent;
            list.push_back({record.at, part.bytes.begin, part.bytes.end});
            packet.push_back(std::move(part));
        }
    }
    void OnAcked(const Record& record) {
        const auto list = After(record.text, "\"packet_numbers\":[");
        const char* const end = list.data() + list.size();
        for (const char* at = list.data(); at < end;) {
            std::uint64_t number = 0;
            const auto [next, error] = std::from_chars(at, end, number);
            if (error != std::errc{}) return;
            for (const Part* part : Carried(record.group, number)) {
                m_acked[part->key].Add(record.at, part->bytes,
                                       m_reading.streams[part->key].acknowledged);
            }
            if (next == end) return;
            at = next + 1;  // behind the comma
        }
    }
    std::vector<const Part*> Carried(std::uint64_t group, std::uint64_t number) const {
        std::vector<const Part*> parts;
        const auto connection = m_packets.find(group);
        if (connection == m_packets.end()) return parts;
        const auto packet = connection->second.find(number);
        if (packet == connection->second.end()) return parts;
        for (const Part& part : packet->second) parts.push_back(&part);
        return parts;
    }

    Reading& m_reading;
    std::map<std::uint64_t, std::unordered_map<std::uint64_t, std::vector<Part>>> m_packets;
    std::map<StreamKey, RangeSet> m_sent;
    std::map<StreamKey, Edge> m_acked;
};

/// The qlogs of a role's nodes: those of the plain name first, then by name.
std::vector<std::string> QlogsOf(const std::string& folder, const std::string& role) {
    std::vector<std::pair<std::size_t, std::string>> found;
    std::error_code error;
    auto entry = fs::recursive_directory_iterator(folder, error);
    for (std::size_t i = 0; !error && entry != fs::end(entry) && i < kMostFiles; ++i) {
        const fs::path path = entry->path();
        const std::string name = path.stem().string();
        const bool named = name.starts_with(role) || name.starts_with("crsp-" + role);
        std::error_code wrong;
        if (path.extension() == ".sqlog" && named && entry->is_regular_file(wrong)) {
            found.emplace_back(name.size(), path.string());
        }
        entry.increment(error);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> paths;
    for (auto& [length, path] : found) paths.push_back(std::move(path));
    return paths;
}

double BeginOf(const StreamSequence& stream) {
    double begin = kLastInstant;
    if (!stream.sent.empty()) begin = stream.sent.front().at;
    if (!stream.delivered.empty()) begin = std::min(begin, stream.delivered.front().at);
    return begin;
}

/// A run begins at 0, as the clocks of simulations do.
void Shift(StreamSequence& stream, double by) {
    for (auto* list : {&stream.sent, &stream.repeated, &stream.lost}) {
        for (SequencePart& part : *list) part.at -= by;
    }
    for (auto* list : {&stream.acknowledged, &stream.delivered}) {
        for (SequenceEdge& edge : *list) edge.at -= by;
    }
}

std::string ProblemOf(const Reading& reading, bool sender) {
    if (!sender) return "Its folder has no qlog of a server.";
    if (!reading.streams.empty()) return "";
    return reading.offsets ? "According to its qlogs, its renderer received no data."
                           : "Its qlogs do not say which bytes a packet carried.";
}

}  // namespace

RunSequence ReadRunSequence(const std::string& folder) {
    RunSequence sequence;
    const auto receivers = QlogsOf(folder, "renderer");
    if (folder.empty() || receivers.empty()) {
        sequence.problem = "It kept no qlog of a renderer.";
        return sequence;
    }
    Reading reading;
    ReadReceiver(receivers.front(), reading);
    auto senders = QlogsOf(folder, "server");
    if (senders.size() > kMostSenders) senders.resize(kMostSenders);
    for (const std::string& path : senders) {
        Sender sender(reading);
        ReadQlog(path, reading, [&](const Record& record) { sender.Take(record); });
    }
    sequence.problem = ProblemOf(reading, !senders.empty());
    sequence.cut = reading.cut;
    sequence.faults = std::move(reading.faults);
    for (auto& [key, stream] : reading.streams) {
        if (reading.monotonic) Shift(stream, reading.earliest);
        sequence.streams.push_back(std::move(stream));
    }
    std::stable_sort(sequence.streams.begin(), sequence.streams.end(),
                     [](const auto& a, const auto& b) { return BeginOf(a) < BeginOf(b); });
    return sequence;
}

}  // namespace crsp::lab
