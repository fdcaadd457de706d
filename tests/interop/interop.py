#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Lets the engine's Noise shake hands with other implementations, in both roles, and exchange
messages out of order. Usage: interop.py HANDSHAKES OURS NAME=COMMAND...; exits with 1 if any
handshake or message failed."""
import itertools
import random
import shlex
import subprocess
import sys

PATTERNS = {'IKpsk2': 2, 'XXpsk3': 3, 'NN': 2}  # and how many messages they have
CIPHERS = ('AESGCM', 'ChaChaPoly')
MESSAGES = 100
SEED = 20


class Peer:
    """One implementation, and the lines it is asked and answers."""

    def __init__(self, command):
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(' '.join(words) + '\n')
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Failure(Exception):
    pass


def check(what, right):
    if not right:
        raise Failure(what)


def some(dice, most, least=0):
    return dice.randbytes(dice.randint(least, most)).hex() or '-'


def public_of(peer_keys, secret):
    from cryptography.hazmat.primitives.asymmetric import x25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    if secret not in peer_keys:
        key = x25519.X25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key()
        peer_keys[secret] = key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return peer_keys[secret]


def begin(dice, pattern, cipher, initiator, responder):
    prologue = some(dice, 64)
    psk = dice.randbytes(32).hex() if 'psk' in pattern else '-'
    ours, theirs = (dice.randbytes(32).hex() for _ in range(2))
    if pattern == 'NN':
        ours = theirs = '-'
    known = public_of({}, theirs) if pattern.startswith('IK') else '-'
    check('new', initiator.ask('new', pattern, cipher, 'initiator', prologue, psk, ours, known)
          == 'ok')
    check('new', responder.ask('new', pattern, cipher, 'responder', prologue, psk, theirs, '-')
          == 'ok')


def shake(dice, pattern, cipher, initiator, responder):
    begin(dice, pattern, cipher, initiator, responder)
    ends = [initiator, responder]
    for number in range(PATTERNS[pattern]):
        payload = some(dice, 300)
        message = ends[number % 2].ask('write', payload)
        check(f'message {number} is written', message != 'error')
        got = ends[1 - number % 2].ask('read', message)
        check(f'message {number} is read', got == payload)
    check('split', initiator.ask('split') == responder.ask('split') == 'ok')
    exchange(dice, initiator, responder)


def exchange(dice, initiator, responder):
    """Half of the messages each way, sealed in order and opened in another."""
    for sender, receiver in ((initiator, responder), (responder, initiator)):
        sealed = []
        for number in range(MESSAGES // 2):
            aad, text = some(dice, 32), some(dice, 200, 1)
            sealed.append((str(number), aad, text, sender.ask('seal', str(number), aad, text)))
        dice.shuffle(sealed)
        for number, aad, text, message in sealed:
            check(f'transport message {number}', receiver.ask('open', number, aad, message) == text)


def run(handshakes, ours, name, command):
    dice = random.Random(SEED)
    kinds = list(itertools.product(PATTERNS, CIPHERS, ('initiator', 'responder')))
    tally = dict.fromkeys(kinds, 0)
    failures = []
    us, them = Peer(ours), Peer(command)
    for number in range(handshakes):
        kind = kinds[number % len(kinds)]
        pattern, cipher, role = kind
        pair = (us, them) if role == 'initiator' else (them, us)
        try:
            shake(dice, pattern, cipher, *pair)
            tally[kind] += 1
        except Failure as failure:
            failures.append(f'{pattern} {cipher}, we as {role}: {failure}')
    us.close()
    them.close()
    for (pattern, cipher, role), count in tally.items():
        print(f'{name}: Noise_{pattern}_25519_{cipher}_SHA256, we as {role}: {count} handshakes, '
              f'{count * MESSAGES} messages out of order')
    for failure in sorted(set(failures)):
        print(f'{name}: FAILED {failures.count(failure)} times: {failure}')
    print(f'{name}: {sum(tally.values())} of {handshakes} handshakes')
    return not failures


def main():
    handshakes, ours, *others = sys.argv[1:]
    results = [run(int(handshakes), ours, *other.split('=', 1)) for other in others]
    sys.exit(0 if all(results) else 1)


main()
