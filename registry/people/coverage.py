"""What the events of the people room vouch for."""

from collections.abc import Iterable
from itertools import chain

from registry.journal.row_digest import digest_rows, values_of
from registry.people.tables import Account, Appointment, EnrolledKey


def account_digest(account: Account, appointments: Iterable[Appointment]) -> bytes:
    """Return the digest of ``create_account``: the account, then its appointments by role and scope."""
    by_role = sorted(appointments, key=lambda held: (held.role, held.scope))
    return digest_rows(chain(values_of(Account, [account]), values_of(Appointment, by_role)))


def key_digest(key: EnrolledKey) -> bytes:
    """Return the digest of ``enrol_key``."""
    return digest_rows(values_of(EnrolledKey, [key]))
