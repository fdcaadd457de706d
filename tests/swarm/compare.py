#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Same seed, same datagrams: in two processes, and from clang without optimisation.

Usage: compare.py processes PROGRAM
       compare.py compilers PROGRAM SOURCE_DIR BUILD_DIR

Exit status 77 means skipped: there is no clang++.
"""
import os
import shutil
import subprocess
import sys

SKIPPED = 77
SEEDS = "60"


def digests(program):
    return subprocess.run([program, "--seeds", SEEDS], check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def build_with_clang(source, build):
    options = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0",
               "-DCMAKE_CXX_COMPILER=clang++", "-DCRSP_WITH_NS3=OFF"]
    subprocess.run(["cmake", "-S", source, "-B", build, "-G", "Ninja", *options],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", build, "--target", "crsp-swarm"],
                   check=True, stdout=subprocess.DEVNULL)
    return os.path.join(build, "bin", "crsp-swarm")


def compare(ours, theirs, what):
    different = [(a, b) for a, b in zip(ours.splitlines(), theirs.splitlines()) if a != b]
    if ours == theirs and ours:
        print(f"{len(ours.splitlines())} seeds agree between {what}")
        return 0
    print(f"the digests differ between {what}, first: {different[:1]}")
    return 1


def main(mode, program, *folders):
    if mode == "processes":
        return compare(digests(program), digests(program), "two processes")
    if not shutil.which("clang++"):
        print("skipped: clang++ is not installed")
        return SKIPPED
    return compare(digests(program), digests(build_with_clang(*folders)), "g++ -O2 and clang++ -O0")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
