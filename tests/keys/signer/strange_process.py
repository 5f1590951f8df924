"""A process of a signing pool that does wrong in the way that the file ``strangeness`` of its folder names."""

import os
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from keys.key_file import KeyKind
from keys.sealing import Identity
from keys.signer.file_signer import FileSigner
from keys.signer.signing_process import main
from keys.store import KeyStore


class FlippingKey:
    """A private key whose signatures come back with one bit flipped, from the 20th on."""

    def __init__(self, private):
        self._private = private
        self._signed = 0

    def sign(self, data):
        signature = bytearray(self._private.sign(data))
        self._signed += 1
        if self._signed >= 20:
            signature[7] ^= 4
        return bytes(signature)


def open_flipping(key_id):
    store, identity = KeyStore(Path(sys.argv[3])), Identity.open(Path(sys.argv[4]))
    private = store.open(KeyKind.CERTIFICATE, key_id, identity)
    return FileSigner(FlippingKey(private), private.public_key().public_bytes_raw())


def die(key_id):
    os._exit(1)


def hang(key_id):
    time.sleep(60)


def answer_with(message):
    with Connection(int(sys.argv[1])) as connection:
        connection.recv_bytes()
        connection.send_bytes(message)
        connection.poll(60)


STRANGENESSES = {
    "flips": lambda: main(open_flipping),
    "dies": lambda: main(die),
    "hangs": lambda: main(hang),
    "never runs": lambda: sys.exit(1),
    "speaks nonsense": lambda: answer_with(b"nonsense"),
    "answers too little": lambda: answer_with(b"\x82\x00\x41x"),
    "answers too much": lambda: answer_with(bytes(1 << 20)),
    "knows another outcome": lambda: answer_with(b"\x82\x04\x40"),
    "is as it should be": main,
}


if __name__ == "__main__":
    STRANGENESSES[(Path(sys.argv[3]) / "strangeness").read_text()]()
