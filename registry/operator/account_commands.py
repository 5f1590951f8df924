"""``certreg account``: who may act in the register, and with which key."""

from collections.abc import Mapping
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from registry.civil_time import civil_date
from registry.directory.body_view import body_view
from registry.directory.errors import UnknownBody
from registry.jurisdiction.rules import Jurisdiction
from registry.operator.desk import Desk
from registry.operator.errors import UnknownScope
from registry.operator.parameters import Appointed, KeyFile, PublicKeyText
from registry.people.accounts import Purpose, appoint, enrol_key
from registry.people.permission import NATIONAL, Role
from registry.people.tables import Account, Appointment, EnrolledKey
from signing.cose import key_id

KEY_YEARS = 3


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
    help="For example submitter:S0001, province_reviewer:CN-21, centre_reviewer:CN, registrar:CN. Repeatable.",
)
@click.option(
    "--key",
    type=KeyFile(exists=False),
    help="Make a signing key in this new file NAME.age, sealed to this installation's identity, and enrol it.",
)
@click.option(
    "--public",
    type=PublicKeyText(),
    metavar="HEX|FILE",
    help="Enrol a key that its holder made and keeps: 64 hex digits, or a PEM file of the public key.",
)
@click.pass_obj
def account_create(
    desk: Desk, name: str, roles: tuple[tuple[Role, str], ...], key: Path | None, public: bytes | None
) -> None:
    """Make the account NAME with its roles and its key."""
    if key and public:
        raise click.UsageError("give --key to make a key here, or --public for one made elsewhere, not both")
    installation, now = desk.installation, desk.now()
    installation.sessions.read(lambda session: _require_scopes(session, roles, installation.jurisdictions))
    if key:
        public = HolderKey.create(key, desk.custody.identity, now=now).public
    purpose = _purpose({role for role, _ in roles})

    def act(session: Session) -> str:
        actor = appoint(session, desk.actor, name, set(roles), now=now)
        if public:
            today = civil_date(now)
            last = today.replace(year=today.year + KEY_YEARS, day=min(today.day, 28))
            by = desk.actor.account_id
            enrol_key(session, actor, public, purpose, valid_from_on=today, valid_to_on=last, now=now, by=by)
        return str(actor.account_id)

    click.echo(f"account {installation.sessions.run(act)}  {name}")
    if public:
        place = f"in {key}" if key else "its holder's own"
        click.echo(f"key     {key_id(public).hex()} for a {purpose}, {place}")
        if purpose is not Purpose.SUBMISSION:
            click.echo(
                "next    certreg key roster: the signer counts the key once two custodians signed it in"
            )


@account.command("list")
@click.pass_obj
def account_list(desk: Desk) -> None:
    """List the accounts with their roles and keys."""
    for line in desk.installation.sessions.read(_listed):
        click.echo(line)


def _purpose(roles: set[Role]) -> Purpose:
    """Return what signatures of the key will count for: one thing, so nobody's key serves two."""
    if Role.SUBMITTER in roles:
        return Purpose.SUBMISSION
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
            lines.append(f"    key {key.key_id.hex()} for a {key.purpose}, {until}")
    return lines


def _require_scopes(
    session: Session, roles: tuple[tuple[Role, str], ...], jurisdictions: Mapping[str, Jurisdiction]
) -> None:
    """Raise ``UnknownScope`` for a body or a province that there is not: such a role would allow nothing."""
    provinces = {policy.code for policy in jurisdictions.values()}
    for role, scope in roles:
        if role is Role.SUBMITTER:
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
