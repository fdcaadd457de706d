// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "model/media/messages.h"
#include "tests/fuzz/fuzzed-data.h"

namespace crsp::fuzz {

/// What makes a message hit: identifiers that its receiver has used itself.
struct MessageHints {
    CommandId command = 0;
    RenderMessage render;  ///< the latest that was heard
    std::string grant;     ///< the latest that was given
    PeerKey renderer{};    ///< whom to ask grants for
};

/// A message of any type that can be encoded, with fields that `data` chooses.
Message PickMessage(FuzzedData& data, const MessageHints& hints);

/// At most kMaxNameSize bytes of any kind.
std::string PickName(FuzzedData& data);

}  // namespace crsp::fuzz
