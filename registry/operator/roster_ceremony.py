"""The roster: two custodians sign whose decisions and openings the signer counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.custodians import CustodianMedium
from keys.roster import write_roster
from registry.installation import Installation
from registry.operator.custody import Custody
from registry.people.roster import roster_entries
from signing.errors import SigningError
from signing.roster import Roster, RosterEntry


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What two custodians are asked to sign: how the register's people differ from the last roster.

    ``previous`` is what custodians signed before, and nothing else: against a file that nobody vouches for, a forged
    entry would be no change. Every entry is new then, and ``doubted`` says why the file does not count; its version,
    ``claimed``, is passed. ``counts`` says whether two who are custodians now signed it; else it is signed anew even
    as it is.
    """

    previous: Roster | None
    entries: tuple[RosterEntry, ...]
    counts: bool
    claimed: int = 0
    doubted: str | None = None

    @property
    def needed(self) -> bool:
        """Whether there is anything to sign."""
        return not self.counts or bool(self.added or self.removed)

    @property
    def added(self) -> list[RosterEntry]:
        """Entries that the signed roster does not have, or has otherwise."""
        return [entry for entry in self.entries if entry not in self._before]

    @property
    def removed(self) -> list[RosterEntry]:
        """Entries of the signed roster that would be gone, or would be otherwise."""
        return [entry for entry in self._before if entry not in self.entries]

    @property
    def _before(self) -> tuple[RosterEntry, ...]:
        return self.previous.entries if self.previous else ()


def proposed_roster(installation: Installation, custody: Custody) -> RosterChange:
    """Return what a new roster would change."""
    entries = installation.sessions.read(roster_entries)
    home = custody.roster_home
    previous, doubted = None, None
    try:
        previous = home.last(custody.trust)
    except SigningError as error:
        doubted = str(error)
    return RosterChange(previous, entries, _counts(custody), home.claimed_version(), doubted)


def _counts(custody: Custody) -> bool:
    try:
        return custody.signed_roster() is not None
    except SigningError:
        return False


def renew_roster(
    installation: Installation, custody: Custody, media: Sequence[CustodianMedium], *, now: datetime
) -> Roster | None:
    """Sign the roster anew if it is not that of the register's people, or counts no longer; ``None`` if it does.

    Durable when this returns; the signer takes it up with its next request. Raises ``NotEnoughCustodians``,
    ``UnlawfulSuccession``, or what opening the media raises.
    """
    return _sign(custody, proposed_roster(installation, custody), media, now=now)


def sign_roster_again(custody: Custody, media: Sequence[CustodianMedium], *, now: datetime) -> Roster | None:
    """Let other custodians sign the roster as it is, if those who did have left; ``None`` if it counts, or is none.

    Raises a ``SigningError`` if it was not signed by custodians, or one who signed it is distrusted: then people have
    to look at it anew, with ``certreg key roster``.
    """
    previous = custody.roster_home.last(custody.trust)
    if previous is None:
        return None
    return _sign(custody, RosterChange(previous, previous.entries, _counts(custody)), media, now=now)


def _sign(
    custody: Custody, change: RosterChange, media: Sequence[CustodianMedium], *, now: datetime
) -> Roster | None:
    if not change.needed:
        return None
    trust = custody.trust
    data = write_roster(
        change.entries,
        previous=change.previous,
        trust=trust,
        custodian_signers=custody.custodian_signers(media),
        now=now,
        after=change.claimed,
    )
    return custody.roster_home.keep(data, trust)
