// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "model/trace/tracer.h"

namespace crsp {

/// The head of a qlog file: who recorded it, on which clock, of which run.
struct QlogHeader {
    std::string title;
    std::string vantagePoint;  ///< node name, as in `server`
    std::string vantageType;   ///< client, server or network
    std::string clockType;     ///< `monotonic` when live, `simulated` in a simulation
    std::map<std::string, std::string> scenario;  ///< seed and parameters; may be empty
};

/// The event schema of this file's `crsp:` events, described in QLOG.md.
inline constexpr std::string_view kQlogEventSchema = "https://crsp.example/112026/crsp";

/// Writes engine events as qlog in JSON text sequences (draft-ietf-quic-qlog-main-schema, RFC
/// 7464): one record per event, time in milliseconds. Keys and payload are never written. Text that
/// came from a peer is escaped byte by byte, so the output stays valid whatever was sent.
class QlogWriter : public Tracer {
  public:
    /// `out` gets each record whole, from RS to LF.
    using Output = std::function<void(std::string_view)>;

    QlogWriter(const QlogHeader& header, Output out);

    void OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) override;
    /// Writes a `simulation:marker` event, as when a link goes down.
    void Mark(TimePoint now, std::string_view type, std::string_view message);

  private:
    void Begin(TimePoint now, std::uint64_t group, std::string_view name);
    void End();

    Output m_out;
    fmt::memory_buffer m_record;
};

/// `text` with quotes, escaped for a JSON string. Bytes outside printable ASCII become \u00xx.
std::string JsonString(std::string_view text);

}  // namespace crsp
