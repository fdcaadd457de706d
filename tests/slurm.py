#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sweeps on a Slurm of one node, held against sweeps without it.

Usage: slurm.py CRSP_LAB FOLDER

Starts munged, slurmctld and slurmd for the present user, on ports of their own that are bound to
loopback, with everything they need in FOLDER, which is made anew; munged's socket, whose path must
be short, is in a temporary folder. Then: a sweep there stores what a local one stores; the same
sweep again submits nothing; runs of tasks that are killed or cancelled are missing, and made by
the next call; a sweep that was stopped is taken up; what Slurm refuses is refused. Stops what it
has started. The last line says what became of it; exits with 1 if anything was not so.
"""

import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCENARIO = os.path.join('scenarios', 'ge-2pct-b3.toml')
PATIENCE = 300
LONG = '200MB'
CONFIGURATION = '''\
ClusterName=crsp
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={munge}/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
MinJobAge=3600
MpiDefault=none
ReturnToService=2
KillWait=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=lab Nodes=ALL Default=YES MaxTime=30 State=UP
'''


class Wrong(Exception):
    """Something was not as it should be."""


def check(condition, sentence):
    if not condition:
        raise Wrong(sentence)


def await_that(condition, sentence, limit=60):
    end = time.monotonic() + limit
    while not condition():
        check(time.monotonic() < end, f'for {limit} s it was not so that {sentence}')
        time.sleep(0.1)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(('127.0.0.1', 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    """The daemons, while in a with statement."""

    def __init__(self, folder):
        self.folder = folder
        self.munge = tempfile.mkdtemp(prefix='crsp-munge-')
        os.chmod(self.munge, 0o755)
        self.daemons = []
        self.environment = dict(os.environ, SLURM_CONF=os.path.join(folder, 'slurm.conf'))
        self.environment['PATH'] += ':/usr/sbin:/sbin'

    def __enter__(self):
        try:
            self.configure()
            self.start_all()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if len(self.daemons) == 3:
            try:
                self.ask('scancel', '--me')
                await_that(lambda: not self.ask('squeue', '--noheader'), 'no job is left')
            except Wrong as wrong:
                print(f'slurm: {wrong}', file=sys.stderr)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.munge, ignore_errors=True)

    def configure(self):
        for name in ('state', 'spool'):
            os.makedirs(os.path.join(self.folder, name))
        with open(self.environment['SLURM_CONF'], 'w', encoding='utf-8') as file:
            file.write(CONFIGURATION.format(
                host=socket.gethostname().partition('.')[0], user=getpass.getuser(),
                ports=free_ports(2), munge=self.munge, folder=self.folder,
                cpus=len(os.sched_getaffinity(0))))
        key = os.open(os.path.join(self.munge, 'key'), os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(key, os.urandom(128))
        os.close(key)

    def start_all(self):
        own = [f'--{name}={self.munge}/{name.partition("-")[0]}'
               for name in ('key-file', 'socket', 'pid-file', 'log-file', 'seed-file')]
        self.start('munged', '--foreground', *own)
        await_that(lambda: os.path.exists(os.path.join(self.munge, 'socket')), 'munged is there')
        self.start('slurmctld', '-D', '-c')
        self.start('slurmd', '-D', '-N', 'node')
        await_that(lambda: self.ask('sinfo', '--noheader', '--format=%T').strip() == 'idle',
                   'the node is idle')

    def start(self, *words):
        log = os.path.join(self.folder, words[0] + '.log')
        program = shutil.which(words[0], path=self.environment['PATH'])
        check(program, f'there is no {words[0]}; Debian has slurm-wlm and munge')
        with open(log, 'w', encoding='utf-8') as file:
            self.daemons.append(subprocess.Popen(
                (program, *words[1:]), env=self.environment, stdin=subprocess.DEVNULL,
                stdout=file, stderr=file))

    def ask(self, *words):
        for daemon in self.daemons:
            check(daemon.poll() is None, f'{daemon.args[0]} has ended; see {self.folder}')
        return subprocess.run(words, env=self.environment, timeout=PATIENCE, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def tasks(self):
        """The state of each task that was ever submitted, by JOB_TASK."""
        lines = self.ask('squeue', '--noheader', '--array', '--states=all', '--format=%F_%K %T')
        return dict(line.split() for line in lines.splitlines())

    def jobs(self):
        return {task.partition('_')[0] for task in self.tasks()}


class Lab:
    """crsp-lab, always with the same scenario made small."""

    def __init__(self, program, cluster):
        self.program = program
        self.cluster = cluster

    def path(self, name):
        return os.path.join(self.cluster.folder, name)

    def words(self, name, *more):
        return (self.program, 'sweep', SCENARIO, '--set', 'content.0.size=20kB', *more,
                '--out', self.path(name))

    def start(self, name, *more):
        return subprocess.Popen(self.words(name, '--executor', 'slurm', *more), cwd=ROOT, text=True,
                                env=self.cluster.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def sweep(self, name, *more, code=0):
        done = subprocess.run(self.words(name, *more), cwd=ROOT, text=True, timeout=PATIENCE,
                              env=self.cluster.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        return self.ended(done.returncode, code, done.stdout, done.stderr)

    def on_slurm(self, name, *more, code=0):
        return self.sweep(name, '--executor', 'slurm', *more, code=code)

    def ended(self, code, expected, output, errors):
        check(code == expected, f'sweep ended with {code}, expected {expected}:\n{errors}{output}')
        return output, errors

    def runs(self, name):
        """What each run gave, by what was asked."""
        text = subprocess.run(
            (self.program, 'export', '--json', '--results', self.path(name) + '/results.sqlite'),
            check=True, timeout=PATIENCE, stdout=subprocess.PIPE, text=True).stdout
        return {json.dumps([run['scenario'], run['parameters'], run['seed']]):
                [run['digest'], run['ok'], run['metrics']] for run in json.loads(text)['runs']}


def equal_to_local(lab):
    """a sweep stores what a local one stores, to the last digit"""
    vary = ('--vary', 'congestion=cubic,bbr_lda')
    lab.sweep('local', *vary, '--seeds', '3')
    lab.on_slurm('cluster', *vary, '--seeds', '3')
    local, cluster = lab.runs('local'), lab.runs('cluster')
    check(len(local) == 6, f'{len(local)} local runs, expected 6')
    check(all(digest for digest, _, _ in local.values()), 'a local run has no digest')
    check(local == cluster, f'the runs differ:\n{local}\n{cluster}')


def again_submits_nothing(lab):
    """the same sweep again submits nothing, a larger one what is missing"""
    before = lab.cluster.tasks()
    vary = ('--vary', 'congestion=cubic,bbr_lda')
    _, errors = lab.on_slurm('cluster', *vary, '--seeds', '3')
    check('6 stored, 0 to run' in errors, f'expected 0 to run:\n{errors}')
    check(lab.cluster.tasks().keys() == before.keys(), 'the second call submitted a job')
    lab.on_slurm('cluster', *vary, '--seeds', '4')
    new = lab.cluster.tasks().keys() - before.keys()
    check(len(new) == 2, f'{len(new)} tasks for one more seed of two variants')


def killed_and_cancelled(lab):
    """runs of tasks that are killed or cancelled are missing, and made by the next call"""
    what = ('--vary', f'content.0.size={LONG},30kB,40kB,50kB', '--seeds', '1',
            '--shared', lab.path("100% o'clock"))
    before = lab.cluster.jobs()
    sweep = lab.start('broken', *what, '--array-limit', '1')
    await_that(lambda: lab.cluster.jobs() - before, 'the array is submitted')
    job = (lab.cluster.jobs() - before).pop()
    await_that(lambda: lab.cluster.tasks()[f'{job}_1'] == 'RUNNING', 'the first task runs')
    lab.cluster.ask('scancel', f'{job}_3')
    lab.cluster.ask('scancel', '--batch', '--signal=KILL', f'{job}_1')
    output, errors = sweep.communicate(timeout=PATIENCE)
    lab.ended(sweep.returncode, 1, output, errors)
    for task, state in ((1, 'FAILED'), (3, 'not listed any more')):
        sentence = f'missing: task {task} of job {job} ended before it ({state})'
        check(sentence in errors, f'expected "{sentence}":\n{errors}')
    log = os.path.join(lab.path("100% o'clock"), 'sweep-1', '2.log')
    check(os.path.exists(log), f'there is no {log}')
    check(errors.count('repeat it with: ') == 2, f'expected two repeat commands:\n{errors}')
    check(len(lab.runs('broken')) == 2, 'the other two runs are not stored')
    _, errors = lab.on_slurm('broken', *what)
    check('2 stored, 2 to run' in errors, f'expected 2 to run:\n{errors}')
    check(len(lab.runs('broken')) == 4, 'the next call has not made the missing runs')


def stopped_and_taken_up(lab):
    """a sweep that was stopped is taken up where its array is"""
    what = ('--set', f'content.0.size={LONG}', '--seeds', '2')
    before = lab.cluster.jobs()
    sweep = lab.start('stopped', *what)
    await_that(lambda: lab.cluster.jobs() - before, 'the array is submitted')
    job = (lab.cluster.jobs() - before).pop()
    await_that(lambda: lab.cluster.tasks()[f'{job}_1'] == 'RUNNING', 'the first task runs')
    sweep.send_signal(signal.SIGINT)
    output, errors = sweep.communicate(timeout=PATIENCE)
    lab.ended(sweep.returncode, 130, output, errors)
    check(f'job {job} goes on' in errors, f'expected that job {job} goes on:\n{errors}')
    _, errors = lab.on_slurm('stopped', *what)
    check(f'taking up job {job}' in errors, f'expected that job {job} is taken up:\n{errors}')
    check(lab.cluster.jobs() == before | {job}, 'another job was submitted')
    check(len(lab.runs('stopped')) == 2, 'the runs are not stored')


def refused(lab):
    """what Slurm refuses is refused in its words"""
    _, errors = lab.on_slurm('refused', '--seeds', '1', '--partition', 'none', code=69)
    check('Invalid partition name specified' in errors, f'expected the words of sbatch:\n{errors}')


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    program, folder = (os.path.abspath(word) for word in sys.argv[1:])
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    parts = (equal_to_local, again_submits_nothing, killed_and_cancelled, stopped_and_taken_up,
             refused)
    try:
        with Cluster(folder) as cluster:
            for part in parts:
                began = time.monotonic()
                part(Lab(program, cluster))
                print(f'slurm: {part.__doc__} ({time.monotonic() - began:.1f} s)', file=sys.stderr)
    except (Wrong, OSError, subprocess.SubprocessError) as wrong:
        print(f'slurm: failed: {wrong}\nslurm: the logs are in {folder}', file=sys.stderr)
        return 1
    print(f'slurm: {len(parts)} of {len(parts)} passed')
    return 0


if __name__ == '__main__':
    sys.exit(main())
