#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every program of one build holds the same engine, and says so.

Usage: same-engine.py ARCHIVE PROGRAM...    checks `PROGRAM --version` against the hash of ARCHIVE.
"""

import hashlib
import re
import subprocess
import sys


def engine_of(program):
    text = subprocess.run([program, "--version"], check=True, timeout=20, stdout=subprocess.PIPE,
                          text=True).stdout
    found = re.search(r"^engine +([0-9a-f]{64})$", text, re.MULTILINE)
    return found.group(1) if found else None


def main(archive, *programs):
    with open(archive, "rb") as file:
        expected = hashlib.sha256(file.read()).hexdigest()
    others = {program: engine_of(program) for program in programs}
    for program, engine in others.items():
        if engine != expected:
            print(f"{program} --version names the engine {engine}; the archive is {expected}")
    return 0 if set(others.values()) == {expected} else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
