"""The roster: two custodians sign whose decisions and openings the signer counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.custodians import CustodianMedium
from keys.roster import write_roster
from registry.installation import Installation
from registry.operator.custody import Custody
from registry.people.roster import roster_entries
from signing.roster import Roster, RosterEntry


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What two custodians are asked to sign: how the register's people differ from the roster that is signed."""

    previous: Roster | None
    entries: tuple[RosterEntry, ...]

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
    return RosterChange(custody.signed_roster(), installation.sessions.read(roster_entries))


def renew_roster(
    installation: Installation, custody: Custody, media: Sequence[CustodianMedium], *, now: datetime
) -> Roster | None:
    """Sign the roster anew if the register's people are not those of the signed one; ``None`` if they are.

    Durable when this returns; the signer takes it up with its next request. Raises ``NotEnoughCustodians``,
    ``UnlawfulSuccession``, or what opening the media raises.
    """
    change = proposed_roster(installation, custody)
    if change.previous is not None and not change.added and not change.removed:
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
