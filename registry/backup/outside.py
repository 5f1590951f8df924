"""What is known of the register outside its database: to the signer, to the public, to an operator."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from keys.signer.history import SignedEntry
from registry.certificate.lifecycle import Status
from registry.log.lost_leaves import KnownLog
from signing.status import Status as PublicStatus
from signing.trust import TrustKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The highest numbers that an operator states: entry (0: nothing stated), serials by series key."""

    entry: int = 0
    serials: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything that outlives a database.

    ``trust`` is ``None`` if no trust bundle was found. ``signed`` yields what the signer's journal holds, ``None`` if
    no journal was found. ``status`` is the newest status that was ever signed, as far as any copy was found, ``None``
    if none; ``never_published`` is the operator's word that there never was one.

    ``journal_since`` is the highest entry that an operator had stated when the journal was made anew or completed from
    a database, 0 for a journal that never was: of a database that ends below that entry it does not tell all numbers.
    ``log`` is what is known of the public log, ``None`` if the trust bundle names none.
    """

    trust: TrustKeys | None
    signed: Callable[[], Iterator[SignedEntry]] | None
    status: PublicStatus | None
    stated: Stated = Stated()
    never_published: bool = False
    journal_since: int = 0
    log: KnownLog | None = None


def public_state(status: PublicStatus, entry: int) -> Status | None:
    """Return what a status file says of an entry: *numbered* for one not released yet, ``None`` above its size."""
    if entry > status.size:
        return None
    if entry in status.voided:
        return Status.VOID
    if entry in status.unreleased:
        return Status.NUMBERED
    if entry in status.revoked:
        return Status.REVOKED
    if entry in status.superseded:
        return Status.SUPERSEDED
    return Status.SUSPENDED if entry in status.suspended else Status.RELEASED
