// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "model/base/bytes.h"
#include "model/base/socket-address.h"
#include "model/wire/types.h"

namespace crsp {

/// One received UDP datagram. `payload` is opened in place: it is garbage afterwards.
struct Datagram {
    SocketAddress source;
    Ecn ecn = Ecn::kNotEct;
    ByteSpan payload;
};

/// What PollTransmit put into the buffer: a train of datagrams of `segmentSize` bytes each, of
/// which only the last may be shorter, `size` bytes in all, to one destination.
struct Transmit {
    SocketAddress destination;
    Ecn ecn = Ecn::kNotEct;
    std::size_t size = 0;
    std::size_t segmentSize = 0;
};

}  // namespace crsp
