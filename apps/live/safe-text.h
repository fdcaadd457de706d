// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "model/base/bytes.h"

namespace crsp {

/// Makes foreign text safe for a terminal, in pieces of any size: printable UTF-8, newlines and
/// tabs pass; control characters (C0 with DEL and CR, C1), line, direction and format controls,
/// characters that show nothing, and bytes that are no UTF-8 come out as `\xNN`. Nothing that comes
/// out can move the cursor or speak to the terminal.
class SafeText {
  public:
    /// Appends what is settled of `bytes` to `out`; the begun part of a character waits for the
    /// next call.
    void Append(ConstByteSpan bytes, std::string& out);
    /// Appends what still waits, as bytes, and starts anew.
    void Finish(std::string& out);

  private:
    void Take(unsigned char byte, std::string& out);
    void Begin(unsigned char byte, std::string& out);
    void Settle(std::string& out);
    void Escape(std::string& out);

    std::array<unsigned char, 4> m_held{};
    std::size_t m_count = 0;   ///< bytes of a character that have come
    std::size_t m_length = 0;  ///< bytes it will have
};

/// `text` as one line that is safe for a terminal: as SafeText, and newlines and tabs come out as
/// `\x0a` and `\x09`. What has been through PrintableName passes unchanged.
std::string SafeLine(std::string_view text);

}  // namespace crsp
