# SPDX-License-Identifier: BSD-3-Clause
"""A small reader of C++: enough to find includes, calls and the length of functions."""

import re
from typing import NamedTuple

NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"([^()\s\\]{0,16})\(.*?\)\1"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'",
    re.DOTALL)
DIRECTIVE = re.compile(r'^[ \t]*#(?:\\\n|[^\n])*', re.MULTILINE)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)

# What may stand between the parameters of a function and its body.
TRAILER = re.compile(r'(?:\s|const\b|noexcept\b|override\b|final\b|mutable\b|try\b|&&?'
                     r'|->\s*[\w:<>,&*\s]+)*')
CONSTRUCTOR = re.compile(r'\(\)\s*(?:noexcept\s*)?:(?!:)')
TYPE_OR_NAMESPACE = re.compile(
    r'(?:template\s*<.*>\s+)?(?:(?:inline|static|const|typedef)\s+)*'
    r'(?:namespace|class|struct|union|enum|extern\s*"")(?!\w)', re.DOTALL)
ACCESS = re.compile(r'\s*(?:public|private|protected)\s*')


class Function(NamedTuple):
    name: str
    line: int   # of the first line of its signature, counted from 1
    length: int  # in lines, from the signature to the closing brace


def blank(match):
    """An empty literal or a space, and as many lines as the match has."""
    text = match.group()
    empty = {'"': '""', 'R': '""', "'": "''"}.get(text[0], ' ')
    return empty + '\n' * text.count('\n')


def code_of(text):
    """`text` without comments and with empty literals; every line keeps its number."""
    return NOT_CODE.sub(blank, text)


def line_of(text, position):
    return text.count('\n', 0, position) + 1


def includes(text):
    """(line, bracket, path) of every include directive."""
    return [(line_of(text, m.start(1)), m.group(1), m.group(2)) for m in INCLUDE.finditer(text)]


def closing(code, opening):
    """The position after the brace that closes the one at `opening`."""
    depth = 0
    for position in range(opening, len(code)):
        depth += (code[position] == '{') - (code[position] == '}')
        if depth == 0:
            return position + 1
    return len(code)


def without_parentheses(head):
    """`head` with every parenthesised part as (), or None if one is still open."""
    out, depth = [], 0
    for character in head:
        depth -= character == ')'
        if depth == 0:
            out.append(character)
        depth += character == '('
    return ''.join(out) if depth == 0 else None


def is_body(head):
    """Whether a brace after `head` opens the body of a function."""
    flat = without_parentheses(head)
    if flat is None:
        return False
    flat = re.sub(r'noexcept\s*\(\)', 'noexcept', flat)
    if CONSTRUCTOR.search(flat):  # `a` or `a<b>` before the brace is a member being initialised
        return flat.rstrip()[-1] in ')}'
    return '()' in flat and TRAILER.fullmatch(flat, flat.rindex('()') + 2) is not None


def name_of(head):
    found = re.search(r'([\w:~]*operator\s*[^\s\w(]+|[\w:~]+)\s*\(', head)
    return found.group(1) if found else '?'


def functions(text):
    """Every function defined in `text`; what is defined inside one counts as part of it."""
    code = DIRECTIVE.sub(lambda match: '\n' * match.group().count('\n'), code_of(text))
    found, start, position = [], 0, 0
    while position < len(code):
        character, head = code[position], code[start:position]
        position += 1
        if character == '{':
            if not head.strip() or TYPE_OR_NAMESPACE.match(head.strip()):
                start = position
                continue
            position = closing(code, position - 1)
            if is_body(head):
                first = line_of(code, start + len(head) - len(head.lstrip()))
                last = line_of(code, position - 1)
                found.append(Function(name_of(head), first, last - first + 1))
                start = position
        elif character in ';}' or (character == ':' and ACCESS.fullmatch(head)):
            start = position
    return found
