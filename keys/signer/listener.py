"""The signer as a program of its own: a Unix socket in front of ``EvidencedSigner``, and nothing else.

It reads no database and no network. Who may ask is decided by the kernel's word on who connected; what is signed, by
the evidence. Trust bundle and roster are looked at before every question, and the signers opened anew when one of them
has changed, so a ceremony needs no restart. One request is signed at a time; others wait.
"""

from __future__ import annotations

import os
import select
import socket
import stat
import struct
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final

from keys.errors import KeysError, SignerUnreachable, SigningRefused
from keys.signer import BatchSigner
from keys.signer.exchange import Answer, Ask, Outcome, Question, receive, send
from keys.signer.request import SigningRequest
from signing.errors import FormatError, SigningError

IDLE_CHECK_SECONDS: Final = 0.5
FRAME_SECONDS: Final = 60.0
"""How long a question that was begun may stand still on its way, or an answer that nobody takes."""
PROBE_SECONDS: Final = 5.0
MAX_CONNECTIONS: Final = 64
_CREDENTIALS: Final = struct.Struct("3i")


class SignerService:
    """Answers questions with the signers that ``open_signers`` opens.

    ``stamp`` tells one state of trust bundle and roster from the next; ``last_entry`` asks the journal.
    """

    def __init__(
        self,
        open_signers: Callable[[], Mapping[bytes, BatchSigner]],
        *,
        stamp: Callable[[], object],
        last_entry: Callable[[], int],
    ) -> None:
        self._open_signers = open_signers
        self._stamp = stamp
        self._last_entry = last_entry
        self._signers: Mapping[bytes, BatchSigner] = {}
        self._opened_at: object = None
        self._lock = Lock()

    def renew(self) -> list[bytes]:
        """Open the signers if they are not open as trust bundle and roster say now; return the ids of their keys."""
        with self._lock:
            return list(self._current())

    def answer(self, message: bytes) -> bytes:
        """Return the answer to one message, whatever it is."""
        try:
            question = Question.from_bytes(message)
            with self._lock:
                return Answer(Outcome.DONE, self._content(question)).to_bytes()
        except SigningRefused as refusal:
            return Answer(Outcome.REFUSED, None, type(refusal).__name__, str(refusal)).to_bytes()
        except FormatError:
            return Answer(Outcome.FAILED, None, "FormatError", "this is no question to a signer").to_bytes()
        except (KeysError, SigningError, OSError) as fault:
            # Keys and journal are opened anew for the next question.
            self._opened_at = None
            return Answer(Outcome.FAILED, None, type(fault).__name__, str(fault)).to_bytes()

    def _content(self, question: Question) -> list[bytes] | int:
        match question.what:
            case Ask.KEYS:
                return list(self._current())
            case Ask.LAST_ENTRY:
                self._current()
                return self._last_entry()
            case Ask.SIGN:
                request = SigningRequest.from_value(question.content)
                signer = self._current().get(question.key_id)
                if signer is None:
                    raise SigningRefused(f"key {question.key_id.hex()} is not one that signs here now")
                return signer.sign_many(request)

    def _current(self) -> Mapping[bytes, BatchSigner]:
        stamp = self._stamp()
        if self._opened_at is None or stamp != self._opened_at:
            self._signers = self._open_signers()
            self._opened_at = stamp
        return self._signers


class SignerSocket:
    """Listens at a path until it is stopped. Whoever is not among ``users`` (user ids) is hung up on."""

    def __init__(self, path: Path, service: SignerService, *, users: Collection[int]) -> None:
        self._path: Final = path
        self._service: Final = service
        self._users: Final = frozenset(users)
        self._stopping = Event()
        self._threads: list[Thread] = []
        self._connections: set[socket.socket] = set()

    def stop(self) -> None:
        """End ``serve`` after the questions in hand; may be called from a signal's handler."""
        self._stopping.set()

    def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Answer until stopped; ``ready`` is called when the socket can be connected to.

        A socket that a killed signer left is replaced; one that answers is not. Raises ``SignerUnreachable``, or an
        ``OSError`` if no more connections can be taken; nobody is served any more then.
        """
        with _listening(self._path) as listener:
            try:
                ready()
                self._accept(listener)
            finally:
                # Whoever comes now finds no signer, or the next one: its socket is not this one's to remove later.
                self._path.unlink(missing_ok=True)
                self._stopping.set()
                for connection in list(self._connections):
                    # A question that is still on its way is not waited for; one that is here is answered.
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RD)
                for thread in self._threads:
                    thread.join()

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            if not _speaks(listener):
                continue
            connection, _ = listener.accept()
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            with ExitStack() as held:
                held.enter_context(connection)
                if len(self._threads) < MAX_CONNECTIONS and _peer(connection) in self._users:
                    thread = Thread(target=self._attend, args=(connection,), name="signer-connection")
                    thread.start()
                    self._threads.append(thread)
                    # The thread closes it from here on.
                    held.pop_all()

    def _attend(self, connection: socket.socket) -> None:
        with connection, self._kept(connection), suppress(OSError, FormatError):
            connection.settimeout(FRAME_SECONDS)
            while not self._stopping.is_set():
                if not _speaks(connection):
                    continue
                message = receive(connection)
                if message is None:
                    return
                send(connection, self._service.answer(message))

    @contextmanager
    def _kept(self, connection: socket.socket) -> Iterator[None]:
        self._connections.add(connection)
        try:
            yield
        finally:
            self._connections.discard(connection)


def _speaks(waited: socket.socket) -> bool:
    """Return whether something comes here within the time after which to look whether to stop."""
    # select() would know no descriptor from 1,024 on.
    poll = select.poll()
    poll.register(waited, select.POLLIN)
    return bool(poll.poll(IDLE_CHECK_SECONDS * 1000))


def _peer(connection: socket.socket) -> int:
    """Return the user id of who connected, as the kernel noted it."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(packed)
    return int(user)


def _listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        listener.bind(str(path))
        # Who may ask is decided by who connected; the folder decides who may come near.
        os.chmod(path, 0o666)
        listener.listen(MAX_CONNECTIONS)
        return listener
    except OSError as fault:
        why = fault.strerror or str(fault)
    except SignerUnreachable:
        listener.close()
        raise
    listener.close()
    raise SignerUnreachable(path, why)


def _clear(path: Path) -> None:
    """Remove a socket that nobody listens at any more; anything else stays and is an error."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise SignerUnreachable(path, "something that is no socket lies there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_SECONDS)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            # Any other fault, and it may be the socket of somebody who is alive.
            path.unlink(missing_ok=True)
            return
    raise SignerUnreachable(path, "another signer answers there already")
