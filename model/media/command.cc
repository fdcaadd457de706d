// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/command.h"

#include <array>

#include "model/base/random.h"

namespace crsp {
namespace {

constexpr std::array<std::string_view, 8> kVerbWords = {"list",    "play", "pause",  "resume",
                                                        "restart", "stop", "status", "take-over"};

}  // namespace

std::string_view ToString(Verb verb) {
    const auto index = static_cast<std::size_t>(verb);
    return index < kVerbWords.size() ? kVerbWords[index] : "unknown";
}

std::optional<Verb> VerbFromText(std::string_view text) {
    for (std::size_t i = 0; i < kVerbWords.size(); ++i) {
        if (kVerbWords[i] == text) return static_cast<Verb>(i);
    }
    return std::nullopt;
}

CommandIds::CommandIds(std::uint64_t instance)
    : m_next(Random::Stream(instance, "command-id").Next()) {}

CommandId CommandIds::Next() {
    if (m_next == 0) ++m_next;
    return m_next++;
}

}  // namespace crsp
