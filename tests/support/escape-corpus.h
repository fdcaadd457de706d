// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crsp::test {

using namespace std::string_view_literals;

struct Attack {
    std::string_view bytes;
    std::string_view what;
};

/// One of every kind of control function, in every encoding that terminals have taken.
inline const std::vector<Attack> kAttacks = {
    {"\x1b[31m", "colour"},
    {"\x1b[2J\x1b[H", "clear"},
    {"\x1b[6n", "cursor report, answered on the input"},
    {"\x1b[c", "device attributes, answered on the input"},
    {"\x1b[21t", "title report"},
    {"\x1b[8;1;1t", "size of the window"},
    {"\x1b[5n", "status report, answered on the input"},
    {"\x1b[?1049h", "another screen"},
    {"\x1b[200~", "end of what was pasted"},
    {"\x1b]0;title\x07", "title"},
    {"\x1b]0;title\x1b\\", "title, ended by ST"},
    {"\x1b]2;title\x07", "window title"},
    {"\x1b]7;file://host/\x07", "working folder"},
    {"\x1b]52;c;cm0=\x07", "clipboard"},
    {"\x1b]52;c;?\x07", "clipboard, answered on the input"},
    {"\x1b]133;C\x07", "marks of a shell"},
    {"\x1b]1337;File=inline=1:eA==\x07", "a file"},
    {"\x1b]4;1;?\x07", "palette, answered on the input"},
    {"\x1b]8;;http://e.example\x1b\\x", "hyperlink"},
    {"\x1bP$q\"p\x1b\\", "DECRQSS"},
    {"\x1bPq#0;2;0;0;0\x1b\\", "picture"},
    {"\x1bP+q544e\x1b\\", "terminfo request"},
    {"\x1b_G\x1b\\", "APC"},
    {"\x1b^x\x1b\\", "PM"},
    {"\x1bXx\x1b\\", "SOS"},
    {"\x1b(0", "character set"},
    {"\x1b#8", "alignment screen"},
    {"\x1b"
     "c",
     "reset"},
    {"\xc2\x9b"
     "31m",
     "CSI of one character"},
    {"\xc2\x9d"
     "0;t\xc2\x9c",
     "OSC of one character"},
    {"\xc2\x90q\xc2\x9c", "DCS of one character"},
    {"\x9b"
     "31m",
     "CSI of one byte"},
    {"\x90q\x9c", "DCS of one byte"},
    {"\xc0\x9b[31m", "ESC in an overlong form"},
    {"\xe0\x80\x9b[31m", "ESC in a longer one"},
    {"\xe2\x80\x1b[31m", "ESC inside a character"},
    {"\x0e\x0f", "shifts"},
    {"\x05", "answerback"},
    {"\x08\x08\x08", "backspaces"},
    {"good\rbad", "carriage return"},
    {"\x7f", "DEL"},
    {"\x00"sv, "NUL"},
    {"\x18\x1a", "cancel"},
};

/// What begins a new line in one reader of logs or another.
inline const std::vector<Attack> kLineBreaks = {
    {"\n", "LF"},
    {"\r\n", "CR LF"},
    {"\r", "CR"},
    {"\v", "VT"},
    {"\f", "FF"},
    {"\x1c", "FS"},
    {"\x1e", "RS"},
    {"\xc2\x85", "NEL"},
    {"\x85", "NEL of one byte"},
    {"\xe2\x80\xa8", "line separator"},
    {"\xe2\x80\xa9", "paragraph separator"},
};

}  // namespace crsp::test
