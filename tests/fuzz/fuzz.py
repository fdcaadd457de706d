#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs fuzz targets, two at a time, and says what came of it. See `./run help`.

Usage: fuzz.py run TARGET|all [SECONDS] [--keep]     fuzz; --keep adds new inputs to the corpora
       fuzz.py slice TARGET                          half a minute: part of ./run test
       fuzz.py repeat TARGET FILE                    one input again
       fuzz.py coverage [TARGET]                     which lines of the parsers the corpora reach
       fuzz.py seeds                                 the inputs that corpora grow from, into them

Exits with 1 if a target found something, and names the command that repeats it.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/fuzz"
BUILD = ROOT / "build/fuzz"
COVERAGE_BUILD = ROOT / "build/fuzz-coverage"
PARALLEL = 2
# What ./run test spends on a target, always with the same seed: a change is blamed for what it
# changed, and not for what nobody had found yet.
SLICE_SECONDS = 30
SLICE_SEED = 1
# Seconds on the clock for one input of a few milliseconds: machines are busy at times.
INPUT_TIMEOUT = 60
MEMORY_LIMIT_MB = 1024
# A corpus is kept below these by --keep.
MAX_CORPUS_FILES = 500
MAX_CORPUS_BYTES = 1_000_000
LENGTHS = {"toml": 4096, "keyfile": 600, "qlog": 400, "catalogue": 600, "reassembly": 600}
DEFAULT_LENGTH = 1500

# The files whose lines are counted: what reads foreign bytes.
PARSERS = {
    "packet": ["model/wire/packet-header.cc", "model/base/bytes.cc"],
    "handshake": ["model/connection/handshake.cc", "model/wire/transport-parameters.cc",
                  "model/crypto/noise-handshake.cc"],
    "frames": ["model/wire/frame-codec.cc", "model/connection/connection-receive.cc",
               "model/stream/repair-decoder.cc"],
    "ack": ["model/recovery/loss-detection.cc", "model/recovery/sent-packets.cc"],
    "reassembly": ["model/stream/receive-buffer.cc", "model/base/range-set.cc"],
    "messages": ["model/media/messages.cc", "model/media/message-reader.cc",
                 "model/media/control-channel.cc"],
    "catalogue": ["model/media/catalogue.cc", "apps/live/safe-text.cc"],
    "toml": ["scenarios/lab/scenario-reader.cc", "scenarios/lab/toml-table.cc",
             "scenarios/lab/units.cc"],
    "keyfile": ["apps/live/key-file.cc", "apps/live/identity-file.cc", "apps/live/peer-list.cc",
                "apps/live/peer-reference.cc", "apps/live/key-text.cc"],
    "qlog": ["model/trace/qlog-writer.cc"],
}


def targets():
    return sorted(path.name.removesuffix("-fuzzer.cc") for path in HERE.glob("*-fuzzer.cc"))


def program(target, build=BUILD):
    return build / "bin" / f"crsp-fuzz-{target}"


def inputs(target):
    """The folders that a run of the target begins with."""
    folders = [HERE / "corpus" / target, HERE / "regressions" / target]
    return [folder for folder in folders if folder.is_dir()]


def environment():
    return {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1"}


def options(target):
    return [f"-timeout={INPUT_TIMEOUT}",
            f"-report_slow_units={INPUT_TIMEOUT}", f"-rss_limit_mb={MEMORY_LIMIT_MB}",
            f"-max_len={LENGTHS.get(target, DEFAULT_LENGTH)}", "-len_control=20"]


def dictionary(target):
    path = HERE / "dictionaries" / f"{target}.dict"
    return [f"-dict={path}"] if path.exists() else []


class Result:
    def __init__(self, target, output, status, cpu, new):
        self.target = target
        self.output = output
        self.cpu = cpu
        self.new = new
        stat = dict(re.findall(r"stat::(\w+):\s+(\d+)", output))
        self.executions = int(stat.get("number_of_executed_units", 0))
        edges = re.findall(r"cov: (\d+)", output)
        self.edges = int(edges[-1]) if edges else 0
        self.finding = None
        if status != 0:
            kinds = "crash|leak|oom|timeout"
            written = re.search(rf"Test unit written to (\S*/(?:{kinds})-\S+)", output)
            self.finding = written.group(1) if written else "no input was written"

    def line(self):
        rate = self.executions / self.cpu if self.cpu else 0
        return (f"{self.target:<12} {self.executions:>10} executions {rate:>8.0f} /s "
                f"{self.edges:>6} edges {self.cpu:>6.0f} s CPU  {self.new:>4} new inputs  "
                f"{'FOUND SOMETHING' if self.finding else 'no findings'}")


def fuzz(target, seconds, *more):
    """Runs one target; its new inputs are left in build/fuzz/new/TARGET."""
    new = BUILD / "new" / target
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    findings = BUILD / "findings" / target
    findings.mkdir(parents=True, exist_ok=True)
    command = [program(target), *options(target), *dictionary(target), "-print_final_stats=1",
               f"-max_total_time={seconds}", f"-artifact_prefix={findings}/", *more, new,
               *inputs(target)]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                           errors="replace", env=environment(), cwd=ROOT)
    output = run.stderr.read()
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Result(target, output, run.returncode, cpu, len(list(new.iterdir())))


def tell(result):
    print(result.line(), flush=True)
    if result.finding is None:
        return
    print(result.output[-6000:])
    path = pathlib.Path(result.finding)
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    print(f"{result.target}: repeat it with: ./run fuzz {result.target} --repeat {shown}",
          flush=True)


def keep(target):
    """Adds what is new to the corpus, and leaves of all the fewest inputs that reach as much."""
    corpus = HERE / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as merged:
        subprocess.run([program(target), *options(target), "-merge=1", "-use_counters=0", merged,
                        corpus, BUILD / "new" / target], check=True, env=environment(), cwd=ROOT,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        files = sorted(pathlib.Path(merged).iterdir(), key=lambda path: path.stat().st_size)
        shutil.rmtree(corpus)
        corpus.mkdir()
        total = 0
        for path in files[:MAX_CORPUS_FILES]:
            total += path.stat().st_size
            if total > MAX_CORPUS_BYTES:
                break
            shutil.copyfile(path, corpus / f"{path.name[:16]}.bin")
    print(f"{target}: {len(list(corpus.iterdir()))} inputs kept of {len(files)}", flush=True)


def run(chosen, seconds, keeping):
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        results = list(pool.map(lambda target: fuzz(target, seconds), chosen))
    for result in results:
        tell(result)
    if keeping:
        for target in chosen:
            keep(target)
    return 1 if any(result.finding for result in results) else 0


def slice_of(target):
    """Every kept input once, and what comes of them in the rest of the time."""
    result = fuzz(target, SLICE_SECONDS, f"-seed={SLICE_SEED}")
    tell(result)
    return 1 if result.finding else 0


def repeat(target, path):
    command = [program(target), *options(target), path]
    return 1 if subprocess.run(command, env=environment(), cwd=ROOT).returncode else 0


def seeds():
    """Puts the generated seeds where --keep finds them, and keeps what adds something."""
    shutil.rmtree(BUILD / "new", ignore_errors=True)
    subprocess.run([BUILD / "bin" / "crsp-fuzz-seeds", BUILD / "new"], check=True)
    (BUILD / "new/toml").mkdir()
    for scenario in (ROOT / "scenarios").glob("*.toml"):
        shutil.copy(scenario, BUILD / "new/toml")
    for target in targets():
        if (BUILD / "new" / target).is_dir():
            keep(target)
    return 0


def coverage(chosen):
    """Replays the corpora in a build that counts lines."""
    tool = shutil.which("llvm-cov") or shutil.which("llvm-cov-14")
    merge = shutil.which("llvm-profdata") or shutil.which("llvm-profdata-14")
    if not tool or not merge:
        print("fuzz: llvm-cov is missing; install the package llvm", file=sys.stderr)
        return 78
    for target in chosen:
        with tempfile.TemporaryDirectory(dir=COVERAGE_BUILD) as folder:
            raw = pathlib.Path(folder) / "raw"
            data = pathlib.Path(folder) / "data"
            files = [path for each in inputs(target) for path in each.iterdir() if path.is_file()]
            subprocess.run([program(target, COVERAGE_BUILD), "-runs=1", *files], check=True,
                           env={**os.environ, "LLVM_PROFILE_FILE": str(raw)}, cwd=ROOT,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            subprocess.run([merge, "merge", "-sparse", raw, "-o", data], check=True)
            for source in PARSERS.get(target, []):
                report = subprocess.run(
                    [tool, "report", program(target, COVERAGE_BUILD), f"-instr-profile={data}",
                     ROOT / source], check=True, capture_output=True, text=True).stdout
                total = report.strip().splitlines()[-1].split()
                lines, missed = int(total[7]), int(total[8])
                print(f"{target:<12} {source:<42} {lines - missed:>4} of {lines:>4} lines "
                      f"{100 * (lines - missed) / max(lines, 1):>6.1f} %", flush=True)
    return 0


def usage():
    print(f"fuzz: expected a target ({', '.join(targets())}) or all, then perhaps seconds, "
          "--keep, --coverage, --seeds or --repeat FILE", file=sys.stderr)
    return 64


def main(arguments):
    if not arguments:
        return usage()
    job, *rest = arguments
    chosen = targets() if rest[:1] in ([], ["all"]) else rest[:1]
    if any(target not in targets() for target in chosen):
        return usage()
    if job == "slice":
        return max(slice_of(target) for target in chosen)
    if job == "repeat" and len(rest) == 2:
        return repeat(*rest)
    if job == "coverage":
        return coverage(chosen)
    if job == "seeds":
        return seeds()
    if job == "run":
        keeping = "--keep" in rest
        seconds = [word for word in rest[1:] if word != "--keep"] or ["60"]
        if len(seconds) != 1 or not seconds[0].isdigit() or int(seconds[0]) == 0:
            return usage()
        return run(chosen, int(seconds[0]), keeping)
    return usage()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
