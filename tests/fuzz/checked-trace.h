// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "model/base/assert.h"
#include "model/trace/qlog-writer.h"

namespace crsp::fuzz {

/// A qlog that is thrown away, so that logging is in the loop (A11), and of which each record must
/// be one line of printable ASCII whatever a peer sent (C11).
class CheckedTrace {
  public:
    CheckedTrace()
        : m_writer({"fuzz", "node", "server", "simulated", {}},
                   [this](std::string_view record) { Check(record); }) {}
    CheckedTrace(const CheckedTrace&) = delete;
    CheckedTrace& operator=(const CheckedTrace&) = delete;

    Tracer* Get() { return &m_writer; }
    std::size_t Records() const { return m_records; }

  private:
    void Check(std::string_view record) {
        ++m_records;
        CRSP_ASSERT(record.size() > 2 && record.front() == '\x1e' && record.back() == '\n');
        const auto text = record.substr(1, record.size() - 2);
        CRSP_ASSERT(
            std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; }));
    }

    std::size_t m_records = 0;
    QlogWriter m_writer;
};

}  // namespace crsp::fuzz
