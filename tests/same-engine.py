#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every program of one build holds the same engine, and says so.

Usage: same-engine.py OBJCOPY ARCHIVE PROGRAM...    checks `PROGRAM --version` against the hash of
the code in ARCHIVE, see apps/version/engine-hash.cmake.
"""

import hashlib
import re
import subprocess
import sys
import tempfile


def engine_of(program):
    text = subprocess.run([program, "--version"], check=True, timeout=20, stdout=subprocess.PIPE,
                          text=True).stdout
    found = re.search(r"^engine +([0-9a-f]{64})$", text, re.MULTILINE)
    return found.group(1) if found else None


def hash_of_code(objcopy, archive):
    with tempfile.NamedTemporaryFile(suffix=".a") as code:
        subprocess.run([objcopy, "-D", "-R", ".gnu.lto_*", "-R", ".gnu.debuglto_*", archive,
                        code.name], check=True, timeout=60)
        with open(code.name, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()


def main(objcopy, archive, *programs):
    expected = hash_of_code(objcopy, archive)
    others = {program: engine_of(program) for program in programs}
    for program, engine in others.items():
        if engine != expected:
            print(f"{program} --version names the engine {engine}; the archive is {expected}")
    return 0 if set(others.values()) == {expected} else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
