// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-series.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace crsp::lab {

std::string SeriesCsv(const BenchRecord& record) {
    std::string text = "time,queue_bytes,queue_offered,queue_drops";
    const std::size_t flows = record.arrived.empty() ? 0 : record.arrived.front().size();
    for (std::size_t i = 0; i < flows; ++i) text += fmt::format(",arrived_{0},read_{0}", i);
    text += "\n";
    for (std::size_t row = 0; row < record.samples.size(); ++row) {
        const BenchSample& sample = record.samples[row];
        fmt::format_to(std::back_inserter(text), "{:.6f},{},{},{}", ToSeconds(sample.at),
                       sample.queueBytes, sample.queueOffered, sample.queueDrops);
        for (std::size_t i = 0; i < flows; ++i) {
            fmt::format_to(std::back_inserter(text), ",{},{}", record.arrived[row][i],
                           record.read[row][i]);
        }
        text += "\n";
    }
    return text;
}

void SaveSeries(const std::string& path, const BenchRecord& record) {
    std::ofstream stream(path);
    stream << SeriesCsv(record);
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), path);
}

}  // namespace crsp::lab
