"""The hand of the signer: one epoch's key, the journal, and what must not be signed whoever asks.

Checked for every request, in this order:

1. The bytes are the ``Sig_structure`` of a certificate's statement, for this key and this environment, byte
for byte. 2. The entry lies in the key's block, and the issue date is not after the key's last day. 3. The
journal knows no other content for the entry, and no other entry for the number, unless the request names the
number's last entry as the one it corrects.

Not checked here: whether anybody decided it. Nobody but ``evidenced_signer`` calls this, which examines the
evidence of every request first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Final, NamedTuple

from keys.crash_points import reach
from keys.errors import NotForThisSigner, OutsideEpoch
from keys.key_file import KeyKind
from keys.sealing import Seal, Secret
from keys.signer import Signer
from keys.signer.history import SignedEntry
from keys.signer.journal import SignerJournal
from keys.signer.pool import SigningPool
from keys.signer.recorded_signature import sign_recorded
from keys.store import Store
from signing import cbor, cose, shape
from signing.cose import Kind
from signing.errors import FormatError
from signing.statement import Statement
from signing.trust import KeyEntry, TrustKeys

POOLED_FROM: Final = 32
"""A batch from this size on is worth the way to other processes and back."""

NO_CORRECTIONS: Final[Mapping[int, int]] = MappingProxyType({})


class Read(NamedTuple):
    """Bytes that this key may sign, what they say, and their SHA-256."""

    to_be_signed: bytes
    statement: Statement
    digest: bytes


class CertificateSigner(Secret):
    """Signs the certificates of one epoch."""

    __slots__ = ("_environment", "_epoch", "_journal", "_pool", "_signer", "_start")

    def __init__(
        self,
        signer: Signer,
        journal: SignerJournal,
        trust: TrustKeys,
        *,
        pool: SigningPool | None = None,
    ) -> None:
        """Take the key's signer, the journal, and the current ``trust/keys``, which says what the key may
        sign.

        ``pool`` signs large batches; it must open the same key, and its owner closes it. ``None`` signs
        everything in this process. Raises ``NotForThisSigner`` unless the trust bundle names the key as a
        certificate key, neither retired nor distrusted.
        """
        self._signer: Final = signer
        self._journal: Final = journal
        self._pool: Final = pool
        self._environment: Final = trust.environment
        self._epoch: Final = _epoch_of(signer, trust)
        self._start: Final = _start_of_signed_bytes(signer.key_id, trust.environment)

    @classmethod
    def open(
        cls,
        store: Store,
        key_id: bytes,
        seal: Seal,
        *,
        journal: SignerJournal,
        trust: TrustKeys,
        pool: SigningPool | None = None,
    ) -> CertificateSigner:
        """Open one key of a store as a signer; raises ``KeyUnavailable`` or ``NotForThisSigner``."""
        signer = store.signer(KeyKind.CERTIFICATE, key_id, seal)
        return cls(signer, journal, trust, pool=pool)

    def signed_digests(self, entries: Sequence[int]) -> dict[int, bytes]:
        """Return the SHA-256 of the bytes that were admitted for these entries, of those that were."""
        return self._journal.digests(entries)

    @property
    def key_id(self) -> bytes:
        """The 4-byte id of the epoch's key."""
        return self._signer.key_id

    @property
    def public(self) -> bytes:
        """The 32-byte public key of the epoch."""
        return self._signer.public

    def sign(self, to_be_signed: bytes, /, *, corrects: int | None = None) -> bytes:
        """Return the signature for one certificate; ``corrects`` is the entry it corrects, ``None`` if it is
        the number's first.

        The same bytes give the same signature, as often as they are asked for. Raises a ``SigningRefused``,
        or ``CorruptSignature`` or ``JournalUnavailable``, in which case asking again is lawful.
        """
        return self.sign_read([self.read(to_be_signed)], [corrects])[0]

    def sign_many(
        self, to_be_signed: Sequence[bytes], /, *, corrects: Mapping[int, int] = NO_CORRECTIONS
    ) -> list[bytes]:
        """Return the signatures of a batch in its order, all or none, with one ``fsync`` of the journal.

        ``corrects`` gives, by the entry of each correction in the batch, the entry that it corrects.
        """
        read = [self.read(bytes_) for bytes_ in to_be_signed]
        return self.sign_read(read, [corrects.get(each.statement.entry) for each in read])

    def sign_read(self, read: Sequence[Read], corrects: Sequence[int | None]) -> list[bytes]:
        """Do the same for bytes that were ``read`` already, each with the entry it corrects."""
        entries = list(map(self._entry, read, corrects))
        reach("sign.before_journal")
        self._journal.admit(entries)
        # Durable now: these bytes, and no others, for these entries. A crash here costs nothing: the same
        # request is admitted again, and Ed25519 gives the same signature.
        reach("sign.journalled")
        to_be_signed, digests = [each.to_be_signed for each in read], [each.digest for each in read]
        if self._pool is not None and len(entries) >= POOLED_FROM:
            signatures = self._pool.sign_many(self.key_id, to_be_signed, digests)
        else:
            wanted = zip(to_be_signed, digests, strict=True)
            signatures = [sign_recorded(self._signer, *each) for each in wanted]
        reach("sign.signed")
        return signatures

    def read(self, to_be_signed: bytes) -> Read:
        """Return what the bytes say, if this key may say it. Raises ``NotForThisSigner`` or ``OutsideEpoch``."""
        # 1. A certificate's bytes, for this key and environment?
        if not to_be_signed.startswith(self._start):
            raise NotForThisSigner("the bytes are for another key, kind or environment, or no certificate's")
        statement = _statement_in(to_be_signed[len(self._start) :])
        # 2. May this key sign it?
        if not self._epoch.first_entry <= statement.entry <= self._epoch.last_entry:
            raise OutsideEpoch(statement.entry, "is not in the key's block")
        if statement.issued_on > self._epoch.last_on:
            raise OutsideEpoch(statement.entry, "is issued after the key's last day")
        return Read(to_be_signed, statement, sha256(to_be_signed).digest())

    def _entry(self, read: Read, corrects: int | None) -> SignedEntry:
        statement = read.statement
        return SignedEntry(statement.entry, statement.number, self.key_id, read.digest, corrects)

    def __repr__(self) -> str:
        return f"<CertificateSigner {self.key_id.hex()}>"


def _epoch_of(signer: Signer, trust: TrustKeys) -> KeyEntry:
    epoch = trust.keys.get(signer.key_id)
    if epoch is None or (epoch.kind, epoch.public) != (Kind.CERTIFICATE, signer.public):
        raise NotForThisSigner(f"key {signer.key_id.hex()} is no certificate key of the trust bundle")
    if epoch.retired or epoch.key_id in trust.tombstones:
        raise NotForThisSigner(f"key {signer.key_id.hex()} is retired or distrusted")
    return epoch


def _start_of_signed_bytes(key_id: bytes, environment: str) -> bytes:
    """Return what every ``Sig_structure`` of this key's certificates begins with, up to the payload."""
    empty = cose.to_be_signed(key_id=key_id, payload=b"", environment=environment, kind=Kind.CERTIFICATE)
    return empty.removesuffix(cbor.byte_string(b""))


def _statement_in(carried: bytes) -> Statement:
    # Both decoders accept only what their encoders would write, so the statement has no other bytes than these.
    try:
        return Statement.from_bytes(shape.content(cbor.decode(carried)))
    except FormatError as fault:
        why = str(fault)
    raise NotForThisSigner(f"the bytes are not those of a statement: {why}")
