// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "model/media/messages.h"

namespace crsp::test {

inline PeerKey SampleKey() {
    PeerKey key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i + 1);
    return key;
}

/// One message of every type that can be encoded, with every field set.
inline std::vector<Message> SampleMessages() {
    const std::uint64_t big = 0xfedcba9876543210u;
    return {
        ListMessage{big, 7, 20},
        ListingMessage{2, 9, 2, 0, {{big, 3, 4096, "a b\n"}, {1, 1, kVarintMax, "\xff\xfe"}}},
        GrantMessage{20, big, 3, SampleKey(), 3'600'000},
        GrantedMessage{20, 60'000, "a grant"},
        RenderMessage{3, 4, "attic", big, big, 1'000'000, std::string(kMaxGrantSize, 'g')},
        ContentsMessage{4, 5, big, 6, 7, 8},
        RenderingBegunMessage{5, 6, 7, 8, 9},
        RenderingEndedMessage{0, 6, 70'000, EndReason::kFailed, MediaErrorCode::kReadFailed},
        PauseMessage{6, 1},
        PausedMessage{7, 1, 64},
        ResumeMessage{8, 2},
        ResumedMessage{9, 2, 16384},
        RestartMessage{10, 3},
        RestartedMessage{11, 4, 0},
        StopMessage{12, 4},
        StoppedMessage{13, 4, 5},
        StatusMessage{14},
        StatusReportMessage{15, TransportState::kError, 4, big, 6, 7, 0x3f,
                            MediaErrorCode::kServerUnreachable},
        ErrorMessage{16, MediaErrorCode::kBusy, true, "later", 1500},
        TakeOverMessage{17},
        OwnershipMessage{17, Owner::kAnother},
        ExitMessage{0},
    };
}

}  // namespace crsp::test
