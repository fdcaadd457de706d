#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs ctest in build folders, says why tests were skipped, and ends with one line: N passed,
N failed, N skipped.

Usage: run-tests.py FILTER BUILD_DIR... Exits with 1 if a test failed or if none passed.
"""

import os
import subprocess
import sys
import xml.etree.ElementTree

PARALLEL_TESTS = 2


def outcome(case):
    """passed, failed or skipped, for one <testcase> of ctest's JUnit file."""
    if case.get("status") == "run":
        return "passed"
    skipped = case.find("skipped")
    reason = "" if skipped is None else skipped.get("message", "")
    if case.get("status") == "disabled" or reason.startswith("SKIP_"):
        return "skipped"
    # A program that is missing or cannot start counts as failed, whatever ctest calls it.
    return "failed"


def reason(case):
    """What the test said when it skipped itself: GoogleTest has it below `FILE:LINE: Skipped`."""
    _, _, said = (case.findtext("system-out") or "").partition(": Skipped\n")
    return said.partition("\n")[0] or "no reason given"


def count(junit, counts):
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        counts[outcome(case)] += 1
        if outcome(case) == "skipped":
            print(f"skipped: {case.get('name')}: {reason(case)}")


def run(build_dir, test_filter, counts):
    """Runs the tests of one folder; returns whether ctest was content."""
    junit = os.path.abspath(os.path.join(build_dir, "junit.xml"))
    if os.path.exists(junit):
        os.remove(junit)
    command = ["ctest", "--test-dir", build_dir, "--output-on-failure", "--output-junit", junit]
    command += ["--parallel", str(PARALLEL_TESTS)]
    if test_filter:
        command += ["--tests-regex", test_filter]
    status = subprocess.run(command).returncode
    if os.path.exists(junit):
        count(junit, counts)
    return status == 0


def main(test_filter, *build_dirs):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    content = [run(build_dir, test_filter, counts) for build_dir in build_dirs]
    sys.stdout.flush()
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 0 if all(content) and counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
