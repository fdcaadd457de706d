// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/media/messages.h"

namespace crsp {

/// Cuts a stream of bytes into messages (CRSP §9.1). Holds one message at most, and memory only
/// for bytes that have arrived.
class MessageReader {
  public:
    /// How many bytes may be appended now without running past the end of the message at hand: at
    /// least 1, at most kMaxMessageSize. A reader that asks the stream for no more than this never
    /// takes a byte of what follows, which is how CONTENTS is separated from content.
    std::size_t Wanted() const;
    /// Takes in `bytes`, at most Wanted().
    void Append(ConstByteSpan bytes);
    /// The message at hand if it is complete, and begins the next; nothing if bytes are missing;
    /// kMalformedMessage if it cannot be decoded or is longer than kMaxMessageSize, after which
    /// the reader is of no more use.
    Expected<std::optional<Message>, MediaErrorCode> Next();

  private:
    std::optional<std::size_t> PrefixSize() const;
    std::optional<std::uint64_t> BodySize() const;

    std::vector<std::byte> m_bytes;
};

}  // namespace crsp
