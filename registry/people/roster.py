"""What custodians are asked to sign: whose keys count for which duty, as the register has it now.

The signer of certificates believes the signed roster, not these rows; so a reviewer who is appointed here decides for
the signer only after two custodians signed the roster anew.
"""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.people.accounts import Purpose
from registry.people.permission import Role
from registry.people.tables import Appointment, EnrolledKey
from signing.roster import Duty, RosterEntry, in_order

DUTIES: dict[Role, tuple[Duty, Purpose]] = {
    Role.PROVINCE_REVIEWER: (Duty.PROVINCE, Purpose.DECISION),
    Role.CENTRE_REVIEWER: (Duty.CENTRE, Purpose.DECISION),
    Role.OFFICE_REVIEWER: (Duty.OFFICE, Purpose.DECISION),
    Role.REGISTRAR: (Duty.SERIES, Purpose.SERIES),
}


def roster_entries(session: Session) -> tuple[RosterEntry, ...]:
    """Return an entry for each duty of each enrolled key, in the order of a roster.

    The keys of bodies do not stand in it: what they sign is kept as evidence, and the signer does not ask for it.
    """
    query = select(EnrolledKey, Appointment).join(
        Appointment, Appointment.account_id == EnrolledKey.account_id
    )
    found = session.execute(query.where(Appointment.role.in_(list(DUTIES)))).all()
    return in_order(entry for key, held in found for entry in _entry(key, held))


def _entry(key: EnrolledKey, held: Appointment) -> Iterator[RosterEntry]:
    duty, purpose = DUTIES[Role(held.role)]
    if key.purpose == purpose:
        yield RosterEntry(
            public=key.public,
            person=key.account_id,
            duty=duty,
            jurisdiction=held.scope,
            first_on=key.valid_from_on,
            last_on=key.valid_to_on,
            # Down to the second: what was signed within it no longer counts.
            revoked_at=None if key.revoked_at is None else key.revoked_at.replace(microsecond=0),
        )
