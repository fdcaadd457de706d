// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace crsp {

/// Names an entry of a server for as long as the server runs; never 0. Paths never travel.
using EntryId = std::uint64_t;
/// Changes whenever the bytes of an entry may have changed; 0 in a request means any.
using EntryVersion = std::uint64_t;

/// Bytes of a name on the wire, at most (CRSP §9.9).
inline constexpr std::size_t kMaxNameSize = 255;

/// One line of a server's catalogue (CRSP §9.3).
struct CatalogueEntry {
    EntryId id = 0;
    EntryVersion version = 0;
    std::uint64_t size = 0;  ///< bytes
    std::string name;        ///< any bytes but at most kMaxNameSize; print with PrintableName

    bool operator==(const CatalogueEntry&) const = default;
};

/// `name` in a form that is safe on a terminal and in a log: control characters (C0, DEL, C1), line
/// and direction separators, what cannot be seen, and bytes that are not valid UTF-8 become `\xNN`,
/// a backslash becomes `\\`. Different names stay different.
std::string PrintableName(std::string_view name);

}  // namespace crsp
