"""The tokens that a body holds, against the log: each has its leaf, and no leaf under its numbers lacks its token.

The one check that finds what was issued in a body's name without its knowledge: the log tells a number and a digest,
the body knows which certificates it has. A name that was swapped under a lawful number gives another digest.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from signing.errors import SigningError
from signing.number import issuer_key, shown
from signing.offline.errors import FileNotReadable, WrongUse
from signing.offline.monitor.finding import Code, Findings
from signing.offline.monitor.ledger import Ledger, Standing
from signing.offline.monitor.numbering import Numbering
from signing.offline.reading import is_there, read_file
from signing.token import SealedToken
from signing.trust import TrustKeys

PATTERNS: Final = ("*.cbor", "*/token.cbor")
MAX_TOKEN_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Held:
    """A token in hand: its file, number, entry, and the text of the fields that name its issuer."""

    file: str
    number: str
    entry: int
    issuer: str


@dataclass(frozen=True, slots=True)
class HeldTokens:
    """The tokens of a folder, by SHA-256; ``not_read`` are files that hold no token of this register."""

    by_digest: Mapping[bytes, Held]
    not_read: tuple[str, ...]

    @property
    def issuers(self) -> Collection[str]:
        """Whose tokens they are."""
        return {held.issuer for held in self.by_digest.values()}


def read_tokens(folder: Path, trust: TrustKeys) -> HeldTokens:
    """Read all tokens of a folder, ``*.cbor`` and ``*/token.cbor``; ``FileNotReadable`` if it is none.

    A token is read if a key of the trust bundle signed it. What that key may sign, and whether it is distrusted by
    now, is not asked: the log is held against what was signed.
    """
    if not is_there(folder) or not folder.is_dir():
        raise FileNotReadable(str(folder))
    held: dict[bytes, Held] = {}
    not_read = []
    for path in sorted(path for pattern in PATTERNS for path in folder.glob(pattern)):
        name = path.relative_to(folder).as_posix()
        try:
            token = read_file(path, max_bytes=MAX_TOKEN_BYTES)
            held[sha256(token).digest()] = _held(name, token, trust)
        except (SigningError, WrongUse):
            not_read.append(name)
    return HeldTokens(held, tuple(not_read))


def compare(tokens: HeldTokens, ledger: Ledger, trust: TrustKeys, bodies: Collection[str]) -> Findings:
    """Return what does not agree between tokens and log; ``bodies`` are issuers whose every number is in the folder."""
    issued = list(_issued(ledger, Numbering(trust.profiles), bodies))
    seen = {item.digest for item in issued} & tokens.by_digest.keys()
    held = {item.number for item in tokens.by_digest.values()}
    current = {tokens.by_digest[digest].number for digest in seen}
    findings, differing = Findings(), set()
    for item in issued:
        standing = ledger.standing(item.entry)
        # What was logged and never released is held by nobody; what was superseded gave way to what is held.
        if standing is Standing.VOID or (standing is Standing.SUPERSEDED and item.number in current):
            continue
        if item.digest in seen:
            continue
        code = Code.CONTENT_DIFFERS if item.number in held else Code.UNKNOWN_TO_BODY
        findings.note(code, entry=item.entry, number=item.number, version=item.version)
        differing.add(item.number)
    for digest, token in tokens.by_digest.items():
        # One whose number has another digest in the log was told of with that.
        if digest not in seen and token.number not in differing:
            findings.note(Code.NOT_IN_LOG, entry=token.entry, number=token.number, file=token.file)
    return findings


class _Issued(NamedTuple):
    entry: int
    number: str
    version: int
    digest: bytes


def _issued(ledger: Ledger, numbering: Numbering, bodies: Collection[str]) -> Iterator[_Issued]:
    """Yield all that was issued under the numbers of these bodies."""
    theirs = {at for at, series in enumerate(ledger.series) if series.place.issuer in bodies}
    for entry, record in ledger.records():
        if record.series in theirs and any(record.digest):
            place = ledger.series[record.series].place
            yield _Issued(entry, numbering.text(place, record.serial), record.version, record.digest)


def _held(name: str, token: bytes, trust: TrustKeys) -> Held:
    sealed = SealedToken.from_bytes(token)
    statement = sealed.open(trust.key(sealed.key_id), environment=trust.environment)
    issuer = issuer_key(statement.number, trust.profiles)
    return Held(name, shown(statement.number, trust.profiles), statement.entry, issuer[1] if issuer else "")
