// SPDX-License-Identifier: GPL-2.0-only
//
// Runs the ns-3 test suites outside of an ns-3 tree: Debian ships no test-runner.
#include "ns3/test.h"

int main(int argc, char* argv[]) {
    return ns3::TestRunner::Run(argc, argv);
}
