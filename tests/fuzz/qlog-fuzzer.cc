// SPDX-License-Identifier: BSD-3-Clause
// One event is one line, in qlog and in the log, whatever a peer's text is (C11).
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "apps/live/log-tracer.h"
#include "model/base/assert.h"
#include "model/trace/qlog-writer.h"
#include "tests/fuzz/any-message.h"
#include "tests/support/vt-parser.h"

namespace crsp::fuzz {
namespace {

/// The log of the process, caught.
std::ostringstream& Log() {
    static std::ostringstream stream;
    static const bool started = [] {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(stream);
        auto logger = std::make_shared<spdlog::logger>("node", std::move(sink));
        logger->set_pattern("%n: %v");
        logger->set_level(spdlog::level::debug);
        spdlog::set_default_logger(std::move(logger));
        return true;
    }();
    CRSP_ASSERT(started);
    return stream;
}

/// Bytes as the writer maps them, one character each, in UTF-8.
std::string Latin1(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xc0 | byte >> 6);
            text += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    return text;
}

nlohmann::json Parsed(const std::string& record) {
    CRSP_ASSERT(record.size() > 2 && record.front() == '\x1e' && record.back() == '\n');
    const auto json = record.substr(1, record.size() - 2);
    test::VtParser terminal(false);
    terminal.Feed(json);
    CRSP_ASSERT(terminal.ControlFunctions() == 0 && terminal.AtRest());
    return nlohmann::json::parse(json);
}

TraceEvent PickEvent(FuzzedData& data, const std::string& text) {
    switch (data.Below(4)) {
        case 0:
            return trace::ConnectionClosed{"no_error", data.Number(), text, data.Flag()};
        case 1:
            return trace::MediaEvent{"render", data.Number(), data.Number(), text};
        case 2:
            return trace::PacketDropped{text, data.U16()};
        default:
            return trace::PacketReceived{"data", data.Number(), data.U16(), text};
    }
}

std::string_view TextKey(const TraceEvent& event) {
    if (std::holds_alternative<trace::ConnectionClosed>(event)) return "reason";
    if (std::holds_alternative<trace::MediaEvent>(event)) return "detail";
    if (std::holds_alternative<trace::PacketDropped>(event)) return "trigger";
    return {};
}

void CheckQlog(const TraceEvent& event, const std::string& text) {
    std::vector<std::string> records;
    QlogWriter writer({text, "node", "server", "simulated", {{text, text}}},
                      [&](std::string_view record) { records.emplace_back(record); });
    writer.OnEvent(TimePoint{} + seconds(1), 7, event);
    writer.Mark(TimePoint{} + seconds(2), "mark", text);
    CRSP_ASSERT(records.size() == 4);
    CRSP_ASSERT(Parsed(records[0])["title"] == Latin1(text));
    CRSP_ASSERT(Parsed(records[1])["data"]["scenario_details"][Latin1(text)] == Latin1(text));
    const auto parsed = Parsed(records[2]);
    if (const auto key = TextKey(event); !key.empty()) {
        CRSP_ASSERT(parsed["data"][std::string(key)] == Latin1(text));
    }
    CRSP_ASSERT(Parsed(records[3])["data"]["message"] == Latin1(text));
}

void CheckLog(const TraceEvent& event) {
    Log().str({});
    LogTracer tracer;
    tracer.OnEvent(TimePoint{} + seconds(1), 7, event);
    const std::string text = Log().str();
    test::VtParser terminal(true);
    terminal.Feed(text);
    CRSP_ASSERT(terminal.ControlFunctions() == 0 && terminal.AtRest());
    CRSP_ASSERT(terminal.Newlines() <= 1 && text.find('\t') == std::string::npos);
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace crsp::fuzz;
    FuzzedData data(bytes, size);
    const auto text = PickName(data);
    const auto event = PickEvent(data, text);
    CheckQlog(event, text);
    CheckLog(event);
    return 0;
}
