#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Same scenario and seed, same digest: what several builds of crsp-lab make of the baseline matrix.

Usage: determinism.py [--write FILE] NAME=PROGRAM...

Each PROGRAM runs the matrix of `crsp-lab baseline`; a table in Markdown on stdout, or in FILE,
says of each run whether all builds have the same trace digest and the same metrics. The first
build is what the others, and results/baseline, are held against. Exits with 1 if anything differs.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

DIGEST = 'trace-digest'
KEPT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                    'results', 'baseline', 'metrics.json')


def load(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)['runs']


def matrix_of(program):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'metrics.json')
        subprocess.run([program, 'baseline', '--write', '--file', path], check=True,
                       stdout=subprocess.DEVNULL)
        return load(path)


def version_of(program):
    text = subprocess.run([program, '--version'], check=True, timeout=60,
                          stdout=subprocess.PIPE, text=True).stdout
    return dict(re.findall(r'^(\S+) +(.*)$', text, re.MULTILINE))


def runs_of(*matrices):
    return sorted({(scenario, seed) for matrix in matrices
                   for scenario, seeds in matrix.items() for seed in seeds})


def values_of(matrix, run):
    return matrix.get(run[0], {}).get(run[1], {})


def differences(mine, other):
    """The names of what is not the same in two runs, the digest last."""
    names = {name for name in mine.keys() | other.keys() if mine.get(name) != other.get(name)}
    return sorted(names, key=lambda name: (name == DIGEST, name))


def cell(mine, other):
    different = differences(mine, other)
    if not other:
        return 'missing'
    if not different:
        return 'same'
    return 'differs: ' + ', '.join(different)


def table(matrices):
    """The lines of the table, and how many of its cells are not `same`."""
    names = list(matrices)
    first = matrices[names[0]]
    lines = ['| scenario | seed | trace digest | ' + ' | '.join(names[1:]) + ' |',
             '|---' * (len(names) + 2) + '|']
    wrong = 0
    for run in runs_of(*matrices.values()):
        mine = values_of(first, run)
        cells = [cell(mine, values_of(matrices[name], run)) for name in names[1:]]
        wrong += sum(text != 'same' for text in cells)
        digest = mine.get(DIGEST, '-')
        lines.append(f'| {run[0]} | {run[1]} | `{digest}` | ' + ' | '.join(cells) + ' |')
    return lines, wrong


def report(programs):
    matrices = {}
    builds = []
    for name, program in programs:
        print(f'determinism: {name}', file=sys.stderr)
        matrices[name] = matrix_of(program)
        version = version_of(program)
        builds.append(f'- {name}: {version.get("compiler")}, engine {version.get("engine")[:12]}')
    matrices['results/baseline'] = load(KEPT)
    lines, wrong = table(matrices)
    commit = version_of(programs[0][1]).get('commit')
    values = sum(len(values_of(matrices[programs[0][0]], run))
                 for run in runs_of(matrices[programs[0][0]]))
    head = ['# Same scenario and seed, same digest', '',
            f'Made by `tests/determinism.py` at commit {commit} from these builds; '
            '`./run determinism` makes all four that it knows. Each build runs the matrix '
            f'of `./run baseline`; `same`: the trace digest (every packet with its bytes and its '
            f'time) and all metrics are those of {programs[0][0]}, {values} values in all.', '',
            *builds, '']
    return '\n'.join(head + lines) + '\n', wrong


def main(arguments):
    path = None
    if arguments[:1] == ['--write']:
        path = arguments[1]
        arguments = arguments[2:]
    programs = [argument.split('=', 1) for argument in arguments]
    if len(programs) < 2 or any(len(pair) != 2 for pair in programs):
        print('determinism: expected two builds or more, as NAME=PROGRAM', file=sys.stderr)
        return 64
    text, wrong = report(programs)
    print(text, end='')
    if path:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    if wrong:
        print(f'determinism: {wrong} runs differ', file=sys.stderr)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
