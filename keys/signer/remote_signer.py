"""The register's side of the socket: signers whose keys are in another program."""

from __future__ import annotations

import socket
from pathlib import Path
from threading import Lock
from typing import Final

from keys.errors import RefusedBySigner, RequestTooLong, SignerUnreachable
from keys.signer import BatchSigner
from keys.signer.exchange import MAX_FRAME, Answer, Ask, Outcome, Question, receive, send
from keys.signer.request import SigningRequest
from signing import shape
from signing.cbor import Value
from signing.cose import KEY_ID_SIZE, SIGNATURE_SIZE
from signing.ed25519 import PublicKey
from signing.errors import BadSignature, FormatError

PATIENCE_SECONDS: Final = 120.0
"""How long an answer is waited for; a batch of a thousand takes less than a second."""


class SignerClient:
    """A way to one signer's socket; connects with the first question, and anew when the connection is lost."""

    def __init__(self, path: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._path: Final = path
        self._patience: Final = patience_seconds
        self._connection: socket.socket | None = None
        self._lock = Lock()

    def signers(self) -> dict[bytes, RemoteSigner]:
        """Return a signer for each key that the program signs with now. Raises ``SignerUnreachable``."""
        ids = self._octets(self.ask(Question(Ask.KEYS)), KEY_ID_SIZE)
        return {key_id: RemoteSigner(self, key_id) for key_id in ids}

    def last_entry(self) -> int:
        """Return the highest entry that the signer's journal knows. Raises ``SignerUnreachable``."""
        answer = self.ask(Question(Ask.LAST_ENTRY))
        if type(answer) is not int:
            raise SignerUnreachable(self._path, "it gave no proper answer")
        return answer

    def sign(self, key_id: bytes, request: SigningRequest) -> list[bytes]:
        """Return the signatures of a request.

        Raises ``RefusedBySigner``, ``RequestTooLong`` (ask for a part of it) or ``SignerUnreachable``.
        """
        question = Question(Ask.SIGN, key_id, request.to_value())
        signatures = self._octets(self.ask(question), SIGNATURE_SIZE)
        if len(signatures) != len(request.items):
            raise SignerUnreachable(self._path, "it gave no proper answer")
        return signatures

    def ask(self, question: Question) -> Value:
        """Return the content of the answer.

        A question whose answer was lost is asked once more on a new connection: nothing is signed twice, and the same
        bytes get the same signature. Raises ``RefusedBySigner``, ``RequestTooLong`` or ``SignerUnreachable``.
        """
        message = question.to_bytes()
        if len(message) > MAX_FRAME:
            raise RequestTooLong(len(message), MAX_FRAME)
        with self._lock:
            fresh = self._connection is None
            try:
                answer = self._exchange(message)
            except (OSError, FormatError) as fault:
                self._hang_up()
                if fresh or isinstance(fault, TimeoutError):
                    raise SignerUnreachable(self._path, _why(fault)) from None
                try:
                    answer = self._exchange(message)
                except (OSError, FormatError) as again:
                    self._hang_up()
                    raise SignerUnreachable(self._path, _why(again)) from None
        if answer.outcome is Outcome.REFUSED:
            raise RefusedBySigner(answer.kind, answer.text)
        if answer.outcome is Outcome.FAILED:
            raise SignerUnreachable(self._path, answer.text)
        return answer.content

    def close(self) -> None:
        """Close the connection; a later question opens another."""
        with self._lock:
            self._hang_up()

    def _octets(self, value: Value, size: int) -> list[bytes]:
        try:
            return [shape.octets(item, size) for item in shape.array(value)]
        except FormatError:
            raise SignerUnreachable(self._path, "it gave no proper answer") from None

    def _exchange(self, message: bytes) -> Answer:
        if self._connection is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._patience)
            try:
                connection.connect(str(self._path))
            except OSError:
                connection.close()
                raise
            self._connection = connection
        send(self._connection, message)
        content = receive(self._connection)
        if content is None:
            raise ConnectionResetError("the signer closed the connection")
        return Answer.from_bytes(content)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class RemoteSigner:
    """One key of the program behind the socket."""

    def __init__(self, client: SignerClient, key_id: bytes) -> None:
        self._client: Final = client
        self._key_id: Final = key_id

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""
        return self._key_id

    def sign_many(self, request: SigningRequest, /) -> list[bytes]:
        """Return the signatures in the order of the items, all or none.

        Raises ``RefusedBySigner``, ``RequestTooLong`` or ``SignerUnreachable``.
        """
        return self._client.sign(self._key_id, request)


class DoubtedSigner:
    """A signer that is not taken at its word: each signature is verified before it is handed on.

    Whoever can put a socket in the signer's place could else fill the register with signatures that are none.
    """

    def __init__(self, path: Path, signer: BatchSigner, verifier: PublicKey) -> None:
        self._path: Final = path
        self._signer: Final = signer
        self._verifier: Final = verifier

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""
        return self._signer.key_id

    def sign_many(self, request: SigningRequest, /) -> list[bytes]:
        """Return the signatures in the order of the items, all or none; each verifies.

        Raises ``SignerUnreachable`` if one does not, and what the signer raises.
        """
        signatures = self._signer.sign_many(request)
        try:
            for item, signature in zip(request.items, signatures, strict=True):
                self._verifier.verify(signature, item.to_be_signed)
        except BadSignature:
            raise SignerUnreachable(self._path, "it gave a signature that does not verify") from None
        return signatures


def _why(fault: Exception) -> str:
    if isinstance(fault, TimeoutError):
        return "it does not answer"
    if isinstance(fault, OSError):
        return fault.strerror or str(fault)
    return "it gave no proper answer"
