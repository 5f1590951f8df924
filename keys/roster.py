"""Where the signer's roster lies, and when one version may follow another.

What is read to be believed is verified each time: two custodians of the current ``trust/keys`` signed it. A file is
replaced only by a newer version, whole or not at all.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from keys.durable_files import PUBLIC, make_folder, replace
from keys.errors import UnlawfulSuccession, WentBackwards
from keys.signed_file import sign_by_custodians
from keys.signer import Signer
from keys.trust_changes import whole_seconds
from signing.cose import Kind
from signing.custody import CUSTODIAN, open_custodian_file
from signing.ed25519 import PublicKey
from signing.errors import SigningError, WrongEnvironment
from signing.root import SignedFile
from signing.roster import Roster, RosterEntry
from signing.trust import TrustKeys


def open_roster(data: bytes, trust: TrustKeys) -> Roster:
    """Return the roster if two custodians signed it for this environment.

    Raises ``FormatError``, ``InadmissibleKey``, ``NotSignedByCustodians`` or ``WrongEnvironment``.
    """
    roster = Roster.from_payload(open_custodian_file(data, trust, Kind.ROSTER))
    if roster.environment != trust.environment:
        raise WrongEnvironment(found=roster.environment, expected=trust.environment)
    return roster


def write_roster(
    entries: tuple[RosterEntry, ...],
    *,
    previous: Roster | None,
    trust: TrustKeys,
    custodian_signers: Sequence[Signer],
    now: datetime,
    after: int = 0,
) -> bytes:
    """Return the signed roster of the version after ``previous`` (``None``: version 1), and after version ``after``.

    Raises ``UnlawfulSuccession`` before a custodian's key is used, ``NotEnoughCustodians``, or a ``SigningError``.
    """
    if previous is not None:
        _require_lawful(previous, entries)
    version = max(previous.version if previous else 0, after) + 1
    roster = Roster(trust.environment, version, whole_seconds(now), entries)
    data = sign_by_custodians(roster.to_payload(), Kind.ROSTER, trust=trust, signers=custodian_signers)
    open_roster(data, trust)
    return data


def _require_lawful(previous: Roster, entries: Sequence[RosterEntry]) -> None:
    """A key stays its holder's, and what was revoked stays there, revoked no later than it was."""
    held = {entry.key_id for entry in entries}
    for before in previous.entries:
        if before.revoked_at and before.key_id not in held:
            # Left out today, it could return tomorrow as if nothing had been.
            raise UnlawfulSuccession(
                f"key {before.key_id.hex()} of the roster was revoked and has to stay there"
            )
    for entry in entries:
        for before in previous.by_key.get(entry.key_id, ()):
            if (before.public, before.person) != (entry.public, entry.person):
                raise UnlawfulSuccession(f"key {entry.key_id.hex()} of the roster changed hands")
            if before.revoked_at and (entry.revoked_at is None or entry.revoked_at > before.revoked_at):
                raise UnlawfulSuccession(
                    f"key {entry.key_id.hex()} of the roster was revoked and can not return"
                )


@dataclass(frozen=True, slots=True)
class _FormerCustodians:
    """Everybody who is custodian, or was and left in good standing."""

    environment: str
    custodians: Mapping[bytes, PublicKey]

    @classmethod
    def of(cls, trust: TrustKeys) -> _FormerCustodians:
        keys = [key for key in trust.keys.values() if key.kind == CUSTODIAN]
        standing = {key.key_id: key.verifier for key in keys if key.key_id not in trust.tombstones}
        return cls(trust.environment, standing)


class RosterHome:
    """The file with the current roster."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def roster(self, trust: TrustKeys) -> Roster | None:
        """Return the current roster, ``None`` before the first; ``SigningError`` if it does not verify."""
        data = self._content()
        return None if data is None else open_roster(data, trust)

    def last(self, trust: TrustKeys) -> Roster | None:
        """Return the last roster, ``None`` before the first, also if custodians who signed it have left since.

        For whoever makes the next version, which takes nothing back: a custodian who retires must not keep the others
        from signing a new one. ``SigningError`` if two who are or were custodians did not sign it for this
        environment, or one of them is distrusted.
        """
        data = self._content()
        if data is None:
            return None
        roster = Roster.from_payload(open_custodian_file(data, _FormerCustodians.of(trust), Kind.ROSTER))
        if roster.environment != trust.environment:
            raise WrongEnvironment(found=roster.environment, expected=trust.environment)
        return roster

    def claimed_version(self) -> int:
        """Return the version that the file there claims, whoever signed it; 0 if none is there, or it is no roster."""
        data = self._content()
        if data is None:
            return 0
        try:
            return Roster.from_payload(SignedFile.from_bytes(data).payload).version
        except SigningError:
            return 0

    def keep(self, data: bytes, trust: TrustKeys) -> Roster:
        """Keep a new roster; on disk when this returns. The same bytes again change nothing.

        Raises ``WentBackwards`` unless its version is newer, a ``SigningError`` if it does not verify.
        """
        offered = open_roster(data, trust)
        make_folder(self.path.parent)
        descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if self._content() == data:
                return offered
            claimed = self.claimed_version()
            if claimed >= offered.version:
                raise WentBackwards(self.path, claimed, offered.version)
            replace(self.path, data, mode=PUBLIC)
        finally:
            os.close(descriptor)
        return offered

    def _content(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
