// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/vt-parser.h"

namespace crsp::test {
namespace {

bool Between(std::uint32_t point, std::uint32_t first, std::uint32_t last) {
    return point >= first && point <= last;
}

bool IsFinal(std::uint32_t point) {
    return Between(point, 0x40, 0x7e);
}

bool IsIntermediate(std::uint32_t point) {
    return Between(point, 0x20, 0x2f);
}

bool IsC0(std::uint32_t point) {
    return point < 0x20 && point != 0x18 && point != 0x1a && point != 0x1b;
}

}  // namespace

void VtParser::Feed(std::string_view bytes) {
    for (const char byte : bytes) Byte(static_cast<unsigned char>(byte));
}

void VtParser::Byte(unsigned char byte) {
    if (m_pending == 0) return Begin(byte);
    if ((byte & 0xc0) != 0x80) {
        Malformed();
        return Begin(byte);
    }
    m_point = m_point << 6 | (byte & 0x3fu);
    if (--m_pending > 0) return;
    const bool surrogate = Between(m_point, 0xd800, 0xdfff);
    if (m_point < m_smallest || m_point > 0x10ffff || surrogate) return Malformed();
    Point(m_point);
}

void VtParser::Begin(unsigned char byte) {
    if (byte < 0x80) return Point(byte);
    const int length = byte >= 0xf8   ? 0
                       : byte >= 0xf0 ? 4
                       : byte >= 0xe0 ? 3
                       : byte >= 0xc0 ? 2
                                      : 0;
    if (length == 0) {
        Malformed();
        // Some terminals take it for a control function of eight bits.
        if (byte < 0xa0) Point(byte);
        return;
    }
    constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    m_smallest = kSmallest[length];
    m_point = byte & (0x7fu >> length);
    m_pending = length - 1;
}

void VtParser::Malformed() {
    m_pending = 0;
    Control();
}

void VtParser::Point(std::uint32_t point) {
    if (Anywhere(point)) return;
    switch (m_state) {
        case State::kGround:
            return Ground(point);
        case State::kEscape:
            return Escape(point);
        case State::kEscapeIntermediate:
            return EscapeIntermediate(point);
        case State::kCsiEntry:
        case State::kCsiParam:
        case State::kCsiIntermediate:
        case State::kCsiIgnore:
            return Csi(point);
        case State::kDcsEntry:
        case State::kDcsParam:
        case State::kDcsIntermediate:
            return Dcs(point);
        case State::kDcsPassthrough:
        case State::kDcsIgnore:
        case State::kOscString:
        case State::kSosPmApcString:
            return String(point);
    }
}

/// The transitions that every state has.
bool VtParser::Anywhere(std::uint32_t point) {
    const bool cancels = point == 0x18 || point == 0x1a;
    const bool escape = point == 0x1b;
    if (!cancels && !escape && !Between(point, 0x80, 0x9f)) return false;
    Control();
    if (escape) {
        Enter(State::kEscape);
    } else if (point == 0x90) {
        Enter(State::kDcsEntry);
    } else if (point == 0x9b) {
        Enter(State::kCsiEntry);
    } else if (point == 0x9d) {
        Enter(State::kOscString);
    } else if (point == 0x98 || point == 0x9e || point == 0x9f) {
        Enter(State::kSosPmApcString);
    } else {
        Enter(State::kGround);
    }
    return true;
}

void VtParser::Ground(std::uint32_t point) {
    if (m_newlinesAllowed && (point == '\n' || point == '\t')) {
        m_newlines += point == '\n';
    } else if (point < 0x20 || point == 0x7f) {
        Control();
    } else {
        ++m_printed;
    }
}

void VtParser::Escape(std::uint32_t point) {
    if (IsC0(point)) return Control();
    if (IsIntermediate(point)) return Enter(State::kEscapeIntermediate);
    if (point == '[') return Enter(State::kCsiEntry);
    if (point == ']') return Enter(State::kOscString);
    if (point == 'P') return Enter(State::kDcsEntry);
    if (point == 'X' || point == '^' || point == '_') return Enter(State::kSosPmApcString);
    if (!Between(point, 0x30, 0x7e)) return;
    Control();
    Enter(State::kGround);
}

void VtParser::EscapeIntermediate(std::uint32_t point) {
    if (IsC0(point)) return Control();
    if (!Between(point, 0x30, 0x7e)) return;
    Control();
    Enter(State::kGround);
}

void VtParser::Csi(std::uint32_t point) {
    if (IsC0(point)) return Control();
    if (IsFinal(point)) {
        if (m_state != State::kCsiIgnore) Control();
        return Enter(State::kGround);
    }
    if (m_state == State::kCsiIgnore) return;
    if (IsIntermediate(point)) return Enter(State::kCsiIntermediate);
    const bool isPrivate = Between(point, 0x3c, 0x3f);
    const bool parameter = Between(point, 0x30, 0x3b) && point != 0x3a;
    if (m_state == State::kCsiEntry && isPrivate) return Enter(State::kCsiParam);
    if (m_state != State::kCsiIntermediate && parameter) return Enter(State::kCsiParam);
    if (Between(point, 0x30, 0x3f)) Enter(State::kCsiIgnore);
}

void VtParser::Dcs(std::uint32_t point) {
    if (IsFinal(point)) {
        Control();
        return Enter(State::kDcsPassthrough);
    }
    if (IsIntermediate(point)) return Enter(State::kDcsIntermediate);
    const bool isPrivate = Between(point, 0x3c, 0x3f);
    const bool parameter = Between(point, 0x30, 0x3b) && point != 0x3a;
    if (m_state == State::kDcsEntry && isPrivate) return Enter(State::kDcsParam);
    if (m_state != State::kDcsIntermediate && parameter) return Enter(State::kDcsParam);
    if (Between(point, 0x30, 0x3f)) Enter(State::kDcsIgnore);
}

void VtParser::String(std::uint32_t point) {
    // Strings end with ST (anywhere), an OSC in practice with BEL as well.
    if (m_state == State::kOscString && point == 0x07) {
        Control();
        Enter(State::kGround);
    }
}

}  // namespace crsp::test
