// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nettle/sha2.h>

#include <string>

#include "model/base/bytes.h"

namespace crsp {

/// SHA-256 of a content, as sha256sum prints it. Nettle's, because it uses the SHA instructions of
/// the CPU; the engine's own hash (libsodium's) costs more for a packet than all else done to it.
class ContentDigest {
  public:
    ContentDigest() { sha256_init(&m_state); }
    void Update(ConstByteSpan bytes);
    /// 64 lower-case hexadecimal digits; what is added afterwards begins a new content.
    std::string Finish();

  private:
    sha256_ctx m_state{};
};

}  // namespace crsp
