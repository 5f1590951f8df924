"""One process of a signing pool: opens the key itself, and signs what the pool's owner has recorded.

It is started anew, not forked, so it holds nothing of its parent: no database socket, no session of an HSM, no
key that came over a pipe, and no environment but what an HSM's module may need. It keeps no journal and asks
nothing about content: its one pipe leads to the process that checked the statements and has them in its journal
(``keys.signer.certificate_signer``). It ends when that pipe is closed or its parent is gone, and answers with no
signature that did not verify.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from keys.errors import BytesChanged, CorruptSignature, KeyUnavailable
from keys.key_file import KeyKind
from keys.sealing import Identity
from keys.signer import Signer
from keys.signer.pool_message import Answer, Outcome, Request
from keys.signer.recorded_signature import sign_recorded
from keys.store_place import read_place, store_at

OpenSigner = Callable[[bytes], Signer]
_PARENT_CHECK_SECONDS: Final = 2.0


def serve(connection: Connection[Any, Any], parent: int, open_signer: OpenSigner) -> None:
    """Answer requests until the other end is closed or the parent is gone.

    ``open_signer`` opens the certificate key of an id; it may raise ``KeyUnavailable``.
    """
    signers: dict[bytes, Signer] = {}
    while _is_asked(connection, parent):
        try:
            message = connection.recv_bytes()
        except (EOFError, ConnectionResetError):
            return
        answer = _answer(Request.from_bytes(message), signers, open_signer)
        try:
            connection.send_bytes(answer.to_bytes())
        except (BrokenPipeError, ConnectionResetError):
            return


def main(open_signer: OpenSigner | None = None) -> None:
    """Run as the program of a signing process; its arguments are those that ``keys.signer.pool`` gives.

    ``open_signer`` is for tests: ``None`` opens the keys of the place with the identity file.
    """
    descriptor, parent, place, identity_file = sys.argv[1:]
    # Whoever stops the parent lets it finish its batch; this process follows when the pipe is closed.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)
    with Connection(int(descriptor)) as connection:
        serve(connection, int(parent), open_signer or _opener(place, Path(identity_file)))


def _opener(place: str, identity_file: Path) -> OpenSigner:
    def open_signer(key_id: bytes) -> Signer:
        identity = Identity.open(identity_file)
        return store_at(read_place(place)).signer(KeyKind.CERTIFICATE, key_id, identity)

    return open_signer


def _is_asked(connection: Connection[Any, Any], parent: int) -> bool:
    """Wait for a request or the end of the pipe; false if the parent is gone."""
    # A process forked off the parent can hold the other end open, so its end alone is not enough.
    while not connection.poll(_PARENT_CHECK_SECONDS):
        if os.getppid() != parent:
            return False
    return True


def _answer(request: Request, signers: dict[bytes, Signer], open_signer: OpenSigner) -> Answer:
    try:
        if request.key_id not in signers:
            signers[request.key_id] = open_signer(request.key_id)
        signer = signers[request.key_id]
        wanted = zip(request.to_be_signed, request.digests, strict=True)
        return Answer(Outcome.SIGNED, b"".join([sign_recorded(signer, *each) for each in wanted]))
    except CorruptSignature:
        return Answer(Outcome.CORRUPT, b"")
    except BytesChanged as fault:
        return Answer(Outcome.CHANGED, fault.digest)
    except KeyUnavailable as fault:
        return Answer(Outcome.UNAVAILABLE, fault.why.encode())


if __name__ == "__main__":
    main()
