#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs ctest in build folders, says at the end why tests were skipped and which failed, and last
of all: N passed, N failed, N skipped.

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


def cases_of(junit):
    """Each as its outcome and a line about it, which is empty for one that passed."""
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        came = outcome(case)
        why = f": {reason(case)}" if came == "skipped" else ""
        yield came, "" if came == "passed" else f"{came}: {case.get('name')}{why}"


def run(build_dir, test_filter, cases):
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
        cases.extend(cases_of(junit))
    return status == 0


def main(test_filter, *build_dirs):
    cases = []
    content = [run(build_dir, test_filter, cases) for build_dir in build_dirs]
    for _, line in sorted(cases, reverse=True):
        if line:
            print(line)
    came = [outcome for outcome, _ in cases]
    passed, failed, skipped = (came.count(each) for each in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if all(content) and failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
