// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace crsp::test {

/// What a terminal makes of bytes, after the state diagram of Paul Williams for the DEC VT500
/// series (vt100.net/emu/dec_ansi_parser), in front of it the UTF-8 decoder of a modern terminal.
/// Counts what would do more than put a character on the screen: control functions (C0, C1, ESC,
/// CSI, OSC, DCS, SOS, PM, APC), and bytes that are no UTF-8, which terminals take as they like.
///
/// It knows nothing of the code that it judges, on purpose.
class VtParser {
  public:
    /// `newlinesAllowed`: line feeds and tabs are text, as in the body of a document.
    explicit VtParser(bool newlinesAllowed) : m_newlinesAllowed(newlinesAllowed) {}

    void Feed(std::string_view bytes);
    /// Control functions begun, executed or dispatched, and bytes that are no UTF-8.
    std::size_t ControlFunctions() const { return m_controlFunctions; }
    std::size_t Printed() const { return m_printed; }
    std::size_t Newlines() const { return m_newlines; }
    /// Between characters and control functions, as the next program would find the terminal.
    bool AtRest() const { return m_state == State::kGround && m_pending == 0; }

  private:
    enum class State : std::uint8_t {
        kGround,
        kEscape,
        kEscapeIntermediate,
        kCsiEntry,
        kCsiParam,
        kCsiIntermediate,
        kCsiIgnore,
        kDcsEntry,
        kDcsParam,
        kDcsIntermediate,
        kDcsPassthrough,
        kDcsIgnore,
        kOscString,
        kSosPmApcString,
    };

    void Byte(unsigned char byte);
    void Begin(unsigned char byte);
    void Malformed();
    void Point(std::uint32_t point);
    bool Anywhere(std::uint32_t point);
    void Ground(std::uint32_t point);
    void Escape(std::uint32_t point);
    void EscapeIntermediate(std::uint32_t point);
    void Csi(std::uint32_t point);
    void Dcs(std::uint32_t point);
    void String(std::uint32_t point);
    void Enter(State state) { m_state = state; }
    void Control() { ++m_controlFunctions; }

    bool m_newlinesAllowed;
    State m_state = State::kGround;
    std::uint32_t m_point = 0;     ///< of the character that has begun
    std::uint32_t m_smallest = 0;  ///< that its length is for
    int m_pending = 0;             ///< continuation bytes to come
    std::size_t m_controlFunctions = 0;
    std::size_t m_printed = 0;
    std::size_t m_newlines = 0;
};

}  // namespace crsp::test
