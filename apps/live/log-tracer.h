// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "model/trace/tracer.h"

namespace crsp {

/// Tells of connections and media events in the log, with --verbose.
class LogTracer final : public Tracer {
  public:
    void OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) override;
};

/// Passes everything on to any number of tracers.
class TracerFan final : public Tracer {
  public:
    /// `tracer` must outlive this.
    void Add(Tracer& tracer) { m_tracers.push_back(&tracer); }
    void OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) override {
        for (auto* tracer : m_tracers) tracer->OnEvent(now, group, event);
    }
    bool Empty() const { return m_tracers.empty(); }

  private:
    std::vector<Tracer*> m_tracers;
};

}  // namespace crsp
