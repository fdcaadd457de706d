// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/glob.h"

#include <cstddef>

namespace crsp {

bool MatchesGlob(std::string_view pattern, std::string_view name) {
    std::size_t at = 0;     // in the pattern
    std::size_t star = 0;   // behind the last `*` met; 0 before the first
    std::size_t retry = 0;  // where in the name that `*` ends for now
    for (std::size_t i = 0; i < name.size();) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = ++at;
            retry = i;
        } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[i])) {
            ++at;
            ++i;
        } else if (star != 0) {
            // An earlier `*` need not be looked at again: this one can take whatever that would.
            at = star;
            i = ++retry;
        } else {
            return false;
        }
    }
    while (at < pattern.size() && pattern[at] == '*') ++at;
    return at == pattern.size();
}

}  // namespace crsp
