// SPDX-License-Identifier: BSD-3-Clause
// Prints the digest of every datagram of some simulated sessions, one seed a line. Two processes,
// two compilers and two optimisation levels must print the same.
#include <cstdio>
#include <cstdlib>

#include "tests/sim/swarm.h"

int main(int argc, char** argv) {
    const unsigned long long count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50;
    for (unsigned long long seed = 1; seed <= count; ++seed) {
        crsp::sim::Session session(crsp::sim::RandomSession(seed));
        session.Run(crsp::sim::kSwarmLimit);
        std::printf("%llu %s\n", seed, session.Net().LogDigest().c_str());
    }
    return 0;
}
