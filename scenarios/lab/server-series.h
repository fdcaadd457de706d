// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "scenarios/lab/series-book.h"
#include "scenarios/lab/watched-role.h"

namespace crsp::lab {

/// What the names of the series of a connection end with, by whom it is with; nothing for those
/// that get none.
using SeriesSuffix = std::function<std::optional<std::string>(const SocketAddress&)>;

/// Reads a server's connections into the book's present row: round trip, congestion window, bytes
/// in flight, pacing rate, and packets that it took for lost. Of the connections of one suffix the
/// latest counts; losses are those of all.
void ReadServer(const WatchedRole& server, const SeriesSuffix& suffixOf, SeriesBook& book);

}  // namespace crsp::lab
