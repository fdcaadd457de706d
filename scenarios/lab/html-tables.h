// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/compare.h"
#include "scenarios/lab/html-data.h"

namespace crsp::lab {

/// A table of HTML that scrolls by itself where it is too wide. Cells are HTML already.
class HtmlTable {
  public:
    /// The first `left` columns are flush left, the others right.
    HtmlTable(std::string caption, std::vector<std::string> head, std::size_t left);

    void Add(const std::vector<std::string>& cells);
    bool IsEmpty() const { return m_rows.empty(); }
    std::string Html() const;

  private:
    std::string m_caption;
    std::vector<std::string> m_head;
    std::size_t m_left;
    std::string m_rows;
};

/// Every metric of the runs, by variant: mean with its 95 % interval, median, least and most.
std::string MetricTable(ResultsReader& reader, const ReportScenario& scenario);

/// Percentiles of all samples, by variant, with intervals; empty if there are no samples.
std::string PercentileTable(ResultsReader& reader, const ReportScenario& scenario);

/// One row for each metric of each scenario.
std::string ComparedTable(const CompareResult& result, const std::string& a, const std::string& b);

/// The verdicts counted, in a sentence.
std::string ComparedSentence(const CompareResult& result, const std::string& a,
                             const std::string& b);

}  // namespace crsp::lab
