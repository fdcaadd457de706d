// SPDX-License-Identifier: BSD-3-Clause
#include "model/trace/qlog-writer.h"

#include <array>
#include <iterator>

namespace crsp {
namespace {

/// Integers beyond 2^53 go out as strings: JSON readers hold numbers in doubles.
constexpr std::uint64_t kLargestJsonInteger = std::uint64_t{1} << 53;

std::string NumberJson(std::uint64_t value) {
    return value <= kLargestJsonInteger ? fmt::format("{}", value) : fmt::format("\"{}\"", value);
}

/// Appends `"key":value` members to a record, with commas where they belong.
class Members {
  public:
    explicit Members(fmt::memory_buffer& record) : m_record(record) {}

    Members& Text(std::string_view key, std::string_view value) {
        return Raw(key, JsonString(value));
    }
    Members& Number(std::string_view key, std::uint64_t value) {
        return Raw(key, NumberJson(value));
    }
    Members& Time(std::string_view key, Duration value) {
        return Raw(key, fmt::format("{:.6f}", ToMilliseconds(value)));
    }
    Members& Flag(std::string_view key, bool value) { return Raw(key, value ? "true" : "false"); }
    Members& Raw(std::string_view key, std::string_view json) {
        fmt::format_to(std::back_inserter(m_record), "{}\"{}\":{}", m_first ? "" : ",", key, json);
        m_first = false;
        return *this;
    }

  private:
    fmt::memory_buffer& m_record;
    bool m_first = true;
};

/// What stands beside the type of a STREAM frame, if its part is known. Takes the part.
std::string StreamMembers(std::span<const trace::StreamPart>& parts) {
    if (parts.empty()) return "";
    const trace::StreamPart& part = parts.front();
    parts = parts.subspan(1);
    return fmt::format(",\"stream_id\":{},\"offset\":{},\"length\":{},\"fin\":{}",
                       NumberJson(part.stream), NumberJson(part.offset), part.length, part.fin);
}

/// `"ack,ping"` as `[{"frame_type":"ack"},{"frame_type":"ping"}]`; a STREAM frame has its part.
std::string FrameArray(std::string_view names, std::span<const trace::StreamPart> parts) {
    std::string array = "[";
    while (!names.empty()) {
        const auto comma = names.find(',');
        if (array.size() > 1) array += ',';
        const auto name = names.substr(0, comma);
        array += fmt::format("{{\"frame_type\":{}{}}}", JsonString(name),
                             name == "stream" ? StreamMembers(parts) : "");
        names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
    }
    return array + ']';
}

std::string PacketHeader(std::string_view type, std::uint64_t number) {
    return fmt::format("{{\"packet_type\":\"{}\",\"packet_number\":{}}}", type, number);
}

std::string RawInfo(std::size_t length) {
    return fmt::format("{{\"length\":{}}}", length);
}

/// Writes the data members of each event.
struct EventWriter {
    Members data;

    void operator()(const trace::ConnectionStarted& e) {
        data.Text("remote", ToString(e.remote)).Flag("initiator", e.initiator);
    }
    void operator()(const trace::ConnectionClosed& e) {
        data.Text("initiator", e.byPeer ? "remote" : "local")
            .Text("connection_error", e.error)
            .Number("application_error", e.applicationCode)
            .Text("reason", e.reason);
    }
    void operator()(const trace::PacketSent& e) {
        data.Raw("header", PacketHeader(e.type, e.number))
            .Raw("raw", RawInfo(e.length))
            .Flag("ack_eliciting", e.ackEliciting)
            .Raw("frames", FrameArray(e.frames, e.streams));
    }
    void operator()(const trace::PacketReceived& e) {
        data.Raw("header", PacketHeader(e.type, e.number))
            .Raw("raw", RawInfo(e.length))
            .Raw("frames", FrameArray(e.frames, e.streams));
    }
    void operator()(const trace::PacketDropped& e) {
        data.Raw("raw", RawInfo(e.length)).Text("trigger", e.trigger);
    }
    void operator()(const trace::PacketLost& e) {
        data.Raw("header", PacketHeader("data", e.number)).Text("trigger", e.trigger);
    }
    void operator()(const trace::MetricsUpdated& e) {
        data.Time("smoothed_rtt", e.smoothedRtt)
            .Time("rtt_variance", e.rttVariance)
            .Time("min_rtt", e.minRtt)
            .Time("latest_rtt", e.latestRtt)
            .Number("congestion_window", e.congestionWindow)
            .Number("bytes_in_flight", e.bytesInFlight)
            .Number("ssthresh", e.slowStartThreshold)
            .Number("pto_count", e.ptoCount);
    }
    void operator()(const trace::PathChanged& e) {
        data.Text("remote", ToString(e.remote)).Flag("rebinding", e.rebinding);
    }
    void operator()(const trace::MtuUpdated& e) { data.Number("new", e.size); }
    void operator()(const trace::EcnStateUpdated& e) { data.Text("new", e.newState); }
    void operator()(const trace::CircuitBreakerUpdated& e) {
        data.Number("periods", e.periods).Number("packets", e.packets).Number("lost", e.lost);
    }
    void operator()(const trace::CongestionStateUpdated& e) { data.Text("new", e.newState); }
    void operator()(const trace::PacketsAcked& e) {
        data.Raw("packet_numbers", fmt::format("[{}]", fmt::join(e.numbers, ",")));
    }
    void operator()(const trace::MediaEvent& e) {
        data.Text("event", e.name)
            .Number("generation", e.generation)
            .Number("position", e.position)
            .Text("detail", e.detail);
    }
};

std::string_view EventName(const TraceEvent& event) {
    static constexpr std::array<std::string_view, std::variant_size_v<TraceEvent>> kNames = {
        "crsp:connection_started",
        "crsp:connection_closed",
        "crsp:packet_sent",
        "crsp:packet_received",
        "crsp:packet_dropped",
        "crsp:packet_lost",
        "crsp:recovery_metrics_updated",
        "crsp:congestion_state_updated",
        "crsp:packets_acked",
        "crsp:media_event",
        "crsp:path_changed",
        "crsp:mtu_updated",
        "crsp:ecn_state_updated",
        "crsp:circuit_breaker_updated"};
    return kNames[event.index()];
}

std::string ScenarioObject(const std::map<std::string, std::string>& scenario) {
    std::string object = "{";
    for (const auto& [key, value] : scenario) {
        object += fmt::format("{}{}:{}", object.size() > 1 ? "," : "", JsonString(key),
                              JsonString(value));
    }
    return object + '}';
}

}  // namespace

std::string JsonString(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (byte < 0x20 || byte > 0x7e) {
            quoted += fmt::format("\\u{:04x}", byte);
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

QlogWriter::QlogWriter(const QlogHeader& header, Output out) : m_out(std::move(out)) {
    m_out(fmt::format(
        "\x1e{{\"file_schema\":\"urn:ietf:params:qlog:file:sequential\","
        "\"serialization_format\":\"application/qlog+json-seq\",\"title\":{},"
        "\"trace\":{{\"event_schemas\":[\"{}\"],\"vantage_point\":{{\"name\":{},\"type\":{}}},"
        "\"common_fields\":{{\"time_format\":\"relative_to_epoch\","
        "\"reference_time\":{{\"clock_type\":{},\"epoch\":\"unknown\"}}}}}}}}\n",
        JsonString(header.title), kQlogEventSchema, JsonString(header.vantagePoint),
        JsonString(header.vantageType), JsonString(header.clockType)));
    if (header.scenario.empty()) return;
    Begin(TimePoint{}, 0, "simulation:scenario");
    Members(m_record).Raw("scenario_details", ScenarioObject(header.scenario));
    End();
}

void QlogWriter::OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) {
    Begin(now, group, EventName(event));
    std::visit(EventWriter{Members(m_record)}, event);
    End();
}

void QlogWriter::Mark(TimePoint now, std::string_view type, std::string_view message) {
    Begin(now, 0, "simulation:marker");
    Members(m_record).Text("type", type).Text("message", message);
    End();
}

void QlogWriter::Begin(TimePoint now, std::uint64_t group, std::string_view name) {
    m_record.clear();
    auto out = std::back_inserter(m_record);
    fmt::format_to(out, "\x1e{{\"time\":{:.6f},\"name\":\"{}\",",
                   ToMilliseconds(now.time_since_epoch()), name);
    if (group != 0) fmt::format_to(out, "\"group_id\":\"{:016x}\",", group);
    fmt::format_to(out, "\"data\":{{");
}

void QlogWriter::End() {
    fmt::format_to(std::back_inserter(m_record), "}}}}\n");
    m_out({m_record.data(), m_record.size()});
}

}  // namespace crsp
