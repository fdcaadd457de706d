#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs ctest in a build folder, says why tests were skipped, and ends with one line: N passed,
N failed, N skipped.

Usage: run-tests.py BUILD_DIR [FILTER]. Exits with 1 if a test failed or if none passed.
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


def count(junit):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        counts[outcome(case)] += 1
        if outcome(case) == "skipped":
            print(f"skipped: {case.get('name')}: {reason(case)}")
    return counts


def main(build_dir, test_filter=""):
    junit = os.path.abspath(os.path.join(build_dir, "junit.xml"))
    if os.path.exists(junit):
        os.remove(junit)
    command = ["ctest", "--test-dir", build_dir, "--output-on-failure", "--output-junit", junit]
    command += ["--parallel", str(PARALLEL_TESTS), "--no-tests=error"]
    if test_filter:
        command += ["--tests-regex", test_filter]
    status = subprocess.run(command).returncode
    counts = count(junit) if os.path.exists(junit) else {"passed": 0, "failed": 0, "skipped": 0}
    sys.stdout.flush()
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 0 if status == 0 and counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
