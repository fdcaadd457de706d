// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crsp::attacks {

/// One line of the table: an attack or a cost, what was measured, and what it had to be.
struct Row {
    std::string row;
    std::string done;
    std::string figure;
    std::string criterion;  ///< empty for what is only told
    bool kept = true;
};
using Rows = std::vector<Row>;

/// How much of each is done: a share that takes a few minutes, or what the criteria name.
struct Scale {
    std::uint64_t spoofed = 300'000;
    std::uint64_t cookies = 100'000;
    std::uint64_t tokens = 1'000'000;
    std::uint64_t handshakes = 10'000;
    int floodSeconds = 3;

    static Scale Full() {
        return {.spoofed = 10'000'000,
                .cookies = 10'000'000,
                .tokens = 10'000'000,
                .handshakes = 10'000,
                .floodSeconds = 10};
    }
};

Rows Spoofed(const Scale& scale);          ///< A1
Rows ForgedCookies(const Scale& scale);    ///< A2
Rows Memory(const Scale& scale);           ///< A3
Rows FloodCosts(const Scale& scale);       ///< A4, what an Initial costs
Rows Flood(const Scale& scale);            ///< A4, in virtual time
Rows LiveFlood(const Scale& scale);        ///< A4, over loopback
Rows EmptyFlood(const Scale& scale);       ///< A10, over loopback
Rows ForgedPhases(const Scale& scale);     ///< B12
Rows TinyFrames(const Scale& scale);       ///< B18
Rows RandomTokens(const Scale& scale);     ///< B15
Rows HiddenEntry(const Scale& scale);      ///< C4
Rows LossyHandshakes(const Scale& scale);  ///< R3
Rows Costs(const Scale& scale);            ///< handshakes and AEAD

}  // namespace crsp::attacks
