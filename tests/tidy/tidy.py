#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the tree against the house rules.

Usage: tidy.py [RULE...]    all rules unless named; exits with 1 if one is broken
       tidy.py --list       the names of the rules
"""

import pathlib
import sys

import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ('model', 'apps', 'scenarios', 'tests', '.ci')
NOT_TEXT = ('.bin', '.png', '.pcap', '.db', '.pyc')


def read_tree(root):
    paths = [path for path in root.iterdir() if not path.name.startswith(('.', 'LICENSE'))]
    for folder in FOLDERS:
        paths += (root / folder).rglob('*')
    return {str(path.relative_to(root)): path.read_text(encoding='utf-8', errors='replace')
            for path in paths if path.is_file() and path.suffix not in NOT_TEXT}


def main(arguments):
    if arguments == ['--list']:
        print('\n'.join(rules.RULES))
        return 0
    unknown = [name for name in arguments if name not in rules.RULES]
    if unknown:
        print(f'tidy: there is no rule {unknown[0]}; see --list', file=sys.stderr)
        return 64
    tree = read_tree(ROOT)
    broken = 0
    for name in arguments or rules.RULES:
        for offence in rules.RULES[name](tree):
            print(f'{offence} [{name}]')
            broken += 1
    return 1 if broken else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
