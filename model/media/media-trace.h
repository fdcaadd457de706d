// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "model/base/time.h"
#include "model/media/messages.h"

namespace crsp {

class Tracer;

/// Tells `tracer`, if there is one, of a message; `direction` is `sent` or `received`.
void TraceMessage(Tracer* tracer, TimePoint now, std::string_view direction,
                  const Message& message);

/// Tells `tracer`, if there is one, of a renderer's new state.
void TraceState(Tracer* tracer, TimePoint now, TransportState state, Generation generation,
                std::uint64_t position);

}  // namespace crsp
