"""The roster: two custodians sign whose decisions and openings the signer counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.custodians import CustodianMedium
from keys.roster import write_roster
from registry.installation import Installation
from registry.operator.custody import Custody
from registry.people.roster import roster_entries
from signing.errors import NotSignedByCustodians
from signing.roster import Roster, RosterEntry


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What two custodians are asked to sign: how the register's people differ from the roster that is signed."""

    previous: Roster | None
    entries: tuple[RosterEntry, ...]
    stands: bool
    """Whether the signed roster counts: it does not if custodians who signed it have left since."""

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to sign."""
        return not self.stands or bool(self.added or self.removed)

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
    return _change(custody, installation.sessions.read(roster_entries))


def _change(custody: Custody, entries: tuple[RosterEntry, ...] | None = None) -> RosterChange:
    trust = custody.trust
    previous = custody.roster_home.last_roster(trust)
    try:
        stands = custody.roster_home.roster(trust) is not None
    except NotSignedByCustodians:
        stands = False
    return RosterChange(previous, previous.entries if entries is None and previous else entries or (), stands)


def renew_roster(
    installation: Installation, custody: Custody, media: Sequence[CustodianMedium], *, now: datetime
) -> Roster | None:
    """Sign the roster anew if the register's people are not those of the signed one; ``None`` if they are.

    Durable when this returns; the signer takes it up with its next request. Raises ``NotEnoughCustodians``,
    ``UnlawfulSuccession``, or what opening the media raises.
    """
    return _sign(custody, proposed_roster(installation, custody), media, now=now)


def sign_roster_again(custody: Custody, media: Sequence[CustodianMedium], *, now: datetime) -> Roster | None:
    """Let other custodians sign the roster as it is, if those who did have left; ``None`` if it counts, or is none."""
    change = _change(custody)
    return None if change.previous is None else _sign(custody, change, media, now=now)


def _sign(
    custody: Custody, change: RosterChange, media: Sequence[CustodianMedium], *, now: datetime
) -> Roster | None:
    if not change.is_needed:
        return None
    trust = custody.trust
    data = write_roster(
        change.entries,
        previous=change.previous,
        trust=trust,
        custodian_signers=custody.custodian_signers(media),
        now=now,
    )
    return custody.roster_home.keep(data, trust)
