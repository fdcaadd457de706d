// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/crypto/aead.h"
#include "model/crypto/secret-key.h"
#include "model/wire/types.h"

namespace crsp {

/// The secret of one direction of a connection: whoever has it reads, and can forge, all that this
/// direction carries from then on (CRSP §4.10).
struct TrafficSecret {
    Side sender = Side::kInitiator;
    ConnectionId connection = 0;   ///< the initiator's id, which names the connection
    ConnectionId destination = 0;  ///< the id that this direction's packets carry
    CipherSuite suite = CipherSuite::kChaCha20Poly1305Sha256;
    SecretKey key;  ///< of the first phase; those that follow can be made from it (CRSP §4.9)
};

/// Gets both secrets of each connection once it has them. Reveals everything: for captures that are
/// meant to be read, of a laboratory's connections, and off unless asked for by name.
using KeyLog = std::function<void(const TrafficSecret&)>;

/// One line of a key log, line feed included (CRSP §4.10).
std::string KeyLogLine(const TrafficSecret& secret);

/// The reverse, without the line feed; nothing if `line` is anything else.
std::optional<TrafficSecret> ParseKeyLogLine(std::string_view line);

}  // namespace crsp
