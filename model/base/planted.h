// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace crsp {

/// Bugs that can be planted to see whether the tests find them. Only a build configured with
/// CRSP_PLANTS contains any; in all others CRSP_PLANTED is the constant false, and no code remains.
enum class PlantedBug : std::uint8_t {
    kNone,
    kLostEndNotRepeated,     ///< the end of a stream travels once
    kLostCreditNotRepeated,  ///< MAX_STREAM_DATA travels once
    kMovedPathNotRepeated,   ///< what was on the way to an old address is forgotten
    kDoubleCredit,           ///< a sender takes twice the connection credit that it was granted
    kDuplicateDelivered,     ///< a packet that comes again is taken in again
    kOldGenerationAccepted,  ///< a renderer does not look which generation contents are of
    kFinalSizeIgnored,       ///< a stream is complete once all that came in is in order
    kRestartAtPosition,      ///< a restart goes on where the rendering was
    kUnopenedAcknowledged,   ///< a packet that does not open is acknowledged
    kLostWakeUp,             ///< a connection does not wake up for its next probe
    kChallengesFree,         ///< challenges to an address that is not validated have no bound
    kNumberReused,           ///< a repeated close is sealed under the number of the first
};

inline constexpr std::array<std::string_view, 13> kPlantNames = {
    "",
    "lost_end_not_repeated",
    "lost_credit_not_repeated",
    "moved_path_not_repeated",
    "double_credit",
    "duplicate_delivered",
    "old_generation_accepted",
    "final_size_ignored",
    "restart_at_position",
    "unopened_acknowledged",
    "lost_wake_up",
    "challenges_free",
    "number_reused",
};

#ifdef CRSP_PLANTS
inline PlantedBug plantedBug = PlantedBug::kNone;
#define CRSP_PLANTED(bug) (::crsp::plantedBug == ::crsp::PlantedBug::bug)
#else
#define CRSP_PLANTED(bug) false
#endif

/// Plants the bug of that name; false if this build has none, or none of that name.
inline bool Plant([[maybe_unused]] std::string_view name) {
#ifdef CRSP_PLANTS
    for (std::size_t i = 1; i < kPlantNames.size(); ++i) {
        if (kPlantNames[i] != name) continue;
        plantedBug = static_cast<PlantedBug>(i);
        return true;
    }
#endif
    return false;
}

}  // namespace crsp
