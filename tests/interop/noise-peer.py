# SPDX-License-Identifier: BSD-3-Clause
"""dissononce behind the lines of text that noise-peer.cc describes."""
import sys

from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dissononce.cipher.aesgcm import AESGCMCipher
from dissononce.cipher.chachapoly import ChaChaPolyCipher
from dissononce.dh.x25519.keypair import KeyPair
from dissononce.dh.x25519.public import PublicKey
from dissononce.dh.x25519.x25519 import X25519DH
from dissononce.hash.sha256 import SHA256Hash
from dissononce.processing.handshakepatterns.interactive.IK import IKHandshakePattern
from dissononce.processing.handshakepatterns.interactive.NN import NNHandshakePattern
from dissononce.processing.handshakepatterns.interactive.XX import XXHandshakePattern
from dissononce.processing.impl.cipherstate import CipherState
from dissononce.processing.impl.handshakestate import HandshakeState
from dissononce.processing.impl.symmetricstate import SymmetricState
from dissononce.processing.modifiers.psk import PSKPatternModifier

PATTERNS = {
    'NN': NNHandshakePattern,
    'IKpsk2': lambda: PSKPatternModifier(2).modify(IKHandshakePattern()),
    'XXpsk3': lambda: PSKPatternModifier(3).modify(XXHandshakePattern()),
}
CIPHERS = {'AESGCM': AESGCMCipher, 'ChaChaPoly': ChaChaPolyCipher}


def bytes_of(word):
    return b'' if word == '-' else bytes.fromhex(word)


def public_of(secret):
    key = x25519.X25519PrivateKey.from_private_bytes(secret).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


class Peer:
    def new(self, pattern, cipher, role, prologue, psk, secret, remote):
        self.initiates = role == 'initiator'
        self.ciphers = None
        self.handshake = HandshakeState(
            SymmetricState(CipherState(CIPHERS[cipher]()), SHA256Hash()), X25519DH())
        pair = None
        if secret != '-':
            pair = KeyPair.from_bytes(bytes_of(secret) + public_of(bytes_of(secret)))
        self.handshake.initialize(
            PATTERNS[pattern](), self.initiates, bytes_of(prologue), s=pair,
            rs=None if remote == '-' else PublicKey(bytes_of(remote)),
            psks=None if psk == '-' else [bytes_of(psk)])
        return None

    def write(self, payload):
        out = bytearray()
        self.ciphers = self.handshake.write_message(bytes_of(payload), out) or self.ciphers
        return bytes(out)

    def read(self, message):
        out = bytearray()
        self.ciphers = self.handshake.read_message(bytes_of(message), out) or self.ciphers
        return bytes(out)

    def split(self):
        self.seals, self.opens = self.ciphers if self.initiates else reversed(self.ciphers)

    def seal(self, number, aad, text):
        self.seals.set_nonce(int(number))
        return self.seals.encrypt_with_ad(bytes_of(aad), bytes_of(text))

    def open(self, number, aad, sealed):
        self.opens.set_nonce(int(number))
        return self.opens.decrypt_with_ad(bytes_of(aad), bytes_of(sealed))


def main():
    peer = Peer()
    for line in sys.stdin:
        verb, *words = line.split()
        try:
            result = getattr(peer, verb)(*words)
            answer = 'ok' if result is None else result.hex() or '-'
        except Exception as error:  # whatever the library throws at what it cannot read
            print(f'dissononce: {verb}: {error!r}', file=sys.stderr)
            answer = 'error'
        print(answer, flush=True)


main()
