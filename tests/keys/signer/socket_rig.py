"""A signer's service in a thread, and programs that only look like one."""

import os
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from keys.signer.evidenced_signer import EvidencedSigner
from keys.signer.exchange import receive
from keys.signer.journal import SignerJournal
from keys.signer.listener import SignerService, SignerSocket
from tests.keys.signer.evidence_world import ROSTER, SignerRoom

PATIENCE_SECONDS = 60.0
OWN_USER = os.geteuid()


class Program:
    """What ``certreg signer`` does around the service, without keys on disk: opens the signers when it is asked to."""

    def __init__(self, room: SignerRoom) -> None:
        self.room = room
        self.stamp: object = 1
        self.roster = ROSTER
        self.fault: Exception | None = None
        self.times_opened = 0
        self.journal: SignerJournal | None = None
        self.service = SignerService(
            self.open, stamp=lambda: self.stamp, last_entry=lambda: self.open_journal.last_entry()
        )

    @property
    def open_journal(self) -> SignerJournal:
        """The journal as it is open now."""
        assert self.journal is not None
        return self.journal

    def open(self) -> dict[bytes, EvidencedSigner]:
        """Open the signers anew, or fail as somebody arranged."""
        self.times_opened += 1
        if self.journal is not None:
            self.journal.close()
        if self.fault is not None:
            raise self.fault
        self.journal = SignerJournal.open(self.room.path)
        signer = self.room.signer(known=self.roster, journal=self.journal)
        return {signer.key_id: signer}


@contextmanager
def serving(
    service: SignerService, path: Path, *, users: Collection[int] = frozenset({OWN_USER})
) -> Iterator[SignerSocket]:
    """Serve at this path until the block ends; the socket can be connected to when it begins."""
    listening, ready = SignerSocket(path, service, users=users), Event()
    thread = Thread(target=listening.serve, args=(ready.set,))
    thread.start()
    try:
        assert ready.wait(PATIENCE_SECONDS)
        yield listening
    finally:
        listening.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


@contextmanager
def pretending(path: Path, act: Callable[[socket.socket], None]) -> Iterator[list[int]]:
    """Listen at this path; do ``act`` with each connection after its first frame. Yields how many there were."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    listener.settimeout(0.1)
    ended, count = Event(), [0]

    def attend() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            count[0] += 1
            with connection:
                connection.settimeout(PATIENCE_SECONDS)
                receive(connection)
                act(connection)

    thread = Thread(target=attend)
    thread.start()
    try:
        yield count
    finally:
        ended.set()
        thread.join(PATIENCE_SECONDS)
        listener.close()
        path.unlink()
