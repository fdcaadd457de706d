// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace crsp::lab {

struct MergeCounts {
    std::size_t added = 0;
    std::size_t known = 0;  ///< that were there, or are there in a better state
    /// Runs that have another digest here, one sentence each; they are left as they are here.
    std::vector<std::string> conflicts;
};

/// Adds the runs of `others` to the database at `into`, which is made if it is missing; each in a
/// transaction of its own. A run that came to its end takes the place of one that did not. Throws
/// WrongResults and SQLite::Exception.
MergeCounts MergeResults(const std::string& into, const std::vector<std::string>& others);

}  // namespace crsp::lab
