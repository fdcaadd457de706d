#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the swarm: many seeds over all cores, and what became of them. ./run swarm says how."""

import argparse
import collections
import os
import selectors
import signal
import subprocess
import sys
import time

EXIT_FAILED = 1
EXIT_USAGE = 64
EXIT_INTERRUPTED = 130
SEEDS_PER_PROCESS = 250
TWICE = 50  # every so many seeds are run twice, and must send the same
PROGRESS_INTERVAL = 2.0
PLANT_SEEDS = 20_000


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(EXIT_USAGE, f"swarm: {message}; see ./run swarm --help\n")


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def arguments():
    parser = Parser(prog="./run swarm", description=__doc__)
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--seeds", type=positive, help="how many; 100,000 unless given")
    parser.add_argument("--from", type=positive, default=1, dest="first", metavar="SEED",
                        help="the first seed")
    parser.add_argument("--seed", type=positive, help="this seed alone, and what it draws")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count(), help="processes at once")
    parser.add_argument("--failures", type=positive, default=10, help="stop after so many")
    parser.add_argument("--plant", metavar="BUG", help="plant this bug, or `all` one after "
                        "another, and say how many seeds it takes to find it")
    return parser.parse_args()


class Worker:
    """One process with a run of seeds; knows which seed a crash belongs to."""

    def __init__(self, command, first, count):
        self.end = first + count
        self.seed = first
        self.buffer = b""
        self.process = subprocess.Popen(
            command + ["--from", str(first), "--seeds", str(count)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def lines(self):
        self.buffer += os.read(self.process.stdout.fileno(), 65536)
        *lines, self.buffer = self.buffer.split(b"\n")
        return [line.decode() for line in lines]

    def stop(self):
        self.process.kill()
        self.process.wait()


class Swarm:
    def __init__(self, options, command):
        self.options = options
        self.command = command
        self.passed = 0
        self.failures = collections.OrderedDict()
        self.meetings = collections.Counter()
        self.next = options.first
        self.end = options.first + options.seeds
        self.again = []  # rests of processes that crashed
        self.selector = selectors.DefaultSelector()
        self.begun = time.monotonic()
        self.told = self.begun

    def start(self):
        if self.again:
            first, end = self.again.pop()
        elif self.next < self.end:
            first, end = self.next, min(self.next + SEEDS_PER_PROCESS, self.end)
            self.next = end
        else:
            return
        worker = Worker(self.command, first, end - first)
        self.selector.register(worker.process.stdout, selectors.EVENT_READ, worker)

    def take(self, worker, line):
        word, _, rest = line.partition(" ")
        seed, _, rest = rest.partition(" ")
        if word == "begin":
            worker.seed = int(seed)
        elif word == "ok":
            self.passed += 1
            faults, moments = (int(field, 16) for field in rest.split()[1:])
            self.meetings.update((f, m) for f in bits(faults) for m in bits(moments))
        elif word == "fail":
            self.failures.setdefault(int(seed), []).append(rest)

    def finish(self, worker):
        self.selector.unregister(worker.process.stdout)
        said = worker.process.stderr.read().decode(errors="replace").strip()
        if worker.process.wait() in (0, EXIT_FAILED):
            return
        last = said.splitlines()[-1] if said else f"exit status {worker.process.returncode}"
        self.failures.setdefault(worker.seed, []).append(f"the process died: {last}")
        if worker.seed + 1 < worker.end:
            self.again.append((worker.seed + 1, worker.end))

    def run(self):
        try:
            self.loop()
        finally:
            for key in list(self.selector.get_map().values()):
                key.data.stop()

    def loop(self):
        while len(self.failures) < self.options.failures:
            while len(self.selector.get_map()) < self.options.jobs and (
                    self.again or self.next < self.end):
                self.start()
            if not self.selector.get_map():
                return
            for key, _ in self.selector.select(PROGRESS_INTERVAL):
                worker = key.data
                lines = worker.lines()
                for line in lines:
                    self.take(worker, line)
                if not lines and worker.process.poll() is not None:
                    self.finish(worker)
            self.tell()

    def tell(self):
        now = time.monotonic()
        if now - self.told < PROGRESS_INTERVAL:
            return
        self.told = now
        done = self.passed + len(self.failures)
        print(f"swarm: {done} of {self.options.seeds} seeds, {len(self.failures)} failed, "
              f"{1000 * (now - self.begun) / max(done, 1):.1f} ms each", file=sys.stderr)


def bits(number):
    return [i for i in range(number.bit_length()) if number >> i & 1]


def names_of(program):
    names = collections.defaultdict(list)
    for line in subprocess.run([program, "--names"], check=True, capture_output=True,
                               text=True).stdout.splitlines():
        kind, _, name = line.partition(" ")
        names[kind].append(name)
    return names


def print_meetings(names, meetings):
    """In how many seeds each fault happened and each moment was reached."""
    print("\nseeds in which both were: fault (row) and moment (column)\n")
    width = max(map(len, names["fault"]))
    print(" " * width, *(f"{name[:9]:>9}" for name in names["moment"]))
    for f, fault in enumerate(names["fault"]):
        cells = (meetings[f, m] or "-" for m in range(len(names["moment"])))
        print(f"{fault:<{width}}", *(f"{cell:>9}" for cell in cells))


def report(swarm, names):
    took = time.monotonic() - swarm.begun
    done = swarm.passed + len(swarm.failures)
    if swarm.passed:
        print_meetings(names, swarm.meetings)
    for seed, reasons in swarm.failures.items():
        print(f"\nseed {seed} failed; to repeat it: ./run swarm --seed {seed}")
        print("\n".join(f"  {reason}" for reason in reasons))
    print(f"\n{done} seeds in {took:.0f} s, {swarm.passed} passed, {len(swarm.failures)} failed")
    return EXIT_FAILED if swarm.failures or not done else 0


def plant(options, program, bugs):
    """Seeds until each bug is found, one bug after another. Fails if one is not."""
    missed = 0
    options.seeds = options.seeds or PLANT_SEEDS
    options.failures = 1
    print("| bug | seeds | found by |\n|---|---|---|")
    for bug in bugs:
        # In order, so that the number is that of one process after another.
        swarm = Swarm(options, [program, "--plant", bug])
        swarm.run()
        seed, reasons = next(iter(swarm.failures.items()), (None, ["nothing"]))
        count = f"{seed - options.first + 1}" if seed else f"not in {options.seeds}"
        missed += not seed
        print(f"| {bug} | {count} | {reasons[0]} |", flush=True)
    return EXIT_FAILED if missed else 0


def main():
    options = arguments()
    names = names_of(options.program)
    if options.seed is not None:
        extra = ["--plant", options.plant] if options.plant else []
        return subprocess.run([options.program, "--describe", "--from", str(options.seed),
                               "--twice", "1", *extra]).returncode
    if options.plant:
        bugs = [bug for bug in names["plant"] if bug and options.plant in ("all", bug)]
        if not bugs:
            print(f"swarm: there is no bug {options.plant}; choose of "
                  f"{', '.join(filter(None, names['plant']))}", file=sys.stderr)
            return EXIT_USAGE
        options.jobs = 1
        return plant(options, options.program, bugs)
    options.seeds = options.seeds or 100_000
    swarm = Swarm(options, [options.program, "--twice", str(TWICE)])
    swarm.run()
    return report(swarm, names)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
