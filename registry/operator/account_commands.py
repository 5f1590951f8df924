"""``certreg account``: who may act in the register, and with which key."""

from collections.abc import Mapping
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from registry.directory.body_view import body_view
from registry.directory.errors import UnknownBody
from registry.jurisdiction.rules import Jurisdiction
from registry.operator.desk import Desk
from registry.operator.enrolling import (
    enrol_for_years,
    enrolling_commands,
    key_options,
    require_one_key,
    tell_key,
    told,
)
from registry.operator.errors import UnknownScope
from registry.operator.parameters import Appointed
from registry.people.accounts import Purpose, appoint
from registry.people.permission import BODY_ROLES, NATIONAL, Role
from registry.people.tables import Account, Appointment, EnrolledKey

# What the first key of an account is for, by the first of these roles that it holds.
FIRST_PURPOSES = {
    Role.SUBMITTER: Purpose.SUBMISSION,
    Role.BODY_ADMINISTRATOR: Purpose.ADMINISTRATION,
    Role.BODY_SYSTEM: Purpose.ACCESS,
}


@click.group()
def account() -> None:
    """Make accounts, enrol their signing keys, list them."""


@account.command("create")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=Appointed(),
    metavar="ROLE:SCOPE",
    help="For example submitter:S0001, body_system:S0001, body_administrator:S0001, province_reviewer:CN-21, "
    "centre_reviewer:CN, registrar:CN. Repeatable.",
)
@key_options
@click.pass_obj
def account_create(
    desk: Desk, name: str, roles: tuple[tuple[Role, str], ...], key: Path | None, public: bytes | None
) -> None:
    """Make the account NAME with its roles and its key."""
    require_one_key(key, public)
    installation, now = desk.installation, desk.now()
    installation.sessions.read(lambda session: _require_scopes(session, roles, installation.jurisdictions))
    if key:
        public = HolderKey.create(key, desk.custody.identity, now=now).public
    purpose = _purpose({role for role, _ in roles})

    def act(session: Session) -> str:
        actor = appoint(session, desk.actor, name, set(roles), now=now)
        if public:
            enrol_for_years(session, desk.actor, actor, public, purpose, now=now)
        return str(actor.account_id)

    click.echo(f"account {installation.sessions.run(act)}  {name}")
    if public:
        tell_key(public, purpose, key)


@account.command("list")
@click.pass_obj
def account_list(desk: Desk) -> None:
    """List the accounts with their roles and keys."""
    for line in desk.installation.sessions.read(_listed):
        click.echo(line)


def _purpose(roles: set[Role]) -> Purpose:
    """Return what signatures of the key will count for: one thing, so nobody's key serves two."""
    for role, purpose in FIRST_PURPOSES.items():
        if role in roles:
            return purpose
    return Purpose.SERIES if roles == {Role.REGISTRAR} else Purpose.DECISION


def _listed(session: Session) -> list[str]:
    lines = []
    for found in session.scalars(select(Account).order_by(Account.created_at, Account.id)):
        roles = select(Appointment).where(Appointment.account_id == found.id)
        held = ", ".join(sorted(f"{row.role}:{row.scope}" for row in session.scalars(roles)))
        lines.append(f"{found.id}  {found.name}  {held or 'no role'}")
        keys = select(EnrolledKey).where(EnrolledKey.account_id == found.id)
        for key in session.scalars(keys.order_by(EnrolledKey.valid_from_on)):
            until = "revoked" if key.revoked_at else f"until {key.valid_to_on}"
            lines.append(f"    key {key.key_id.hex()} {told(key.purpose)}, {until}")
    return lines


def _require_scopes(
    session: Session, roles: tuple[tuple[Role, str], ...], jurisdictions: Mapping[str, Jurisdiction]
) -> None:
    """Raise ``UnknownScope`` for a body or a province that there is not: such a role would allow nothing."""
    provinces = {policy.code for policy in jurisdictions.values()}
    for role, scope in roles:
        if role in BODY_ROLES:
            try:
                body_view(session, scope)
            except UnknownBody:
                remedy = "`certreg directory show` lists the bodies with their codes"
                raise UnknownScope(role, scope, remedy) from None
        elif role is Role.PROVINCE_REVIEWER:
            if scope not in provinces:
                raise UnknownScope(role, scope, "write CN- and the two digits of the province, as in CN-21")
        elif scope != NATIONAL:
            raise UnknownScope(role, scope, f"it is given for the whole country: {role}:{NATIONAL}")


for more in enrolling_commands:
    account.add_command(more)
