"""``certreg account enrol`` and ``revoke-key``: further keys of an account, and their end."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from registry.civil_time import civil_date
from registry.operator.desk import Desk
from registry.operator.errors import UnknownAccount
from registry.operator.parameters import KeyFile, KeyId, PublicKeyText
from registry.people.accounts import Purpose, enrol_key, load_actor
from registry.people.body_keys import ROLES_OF, account_may_have, revoke_key
from registry.people.errors import KeyRefused
from registry.people.permission import NATIONAL, Act, Actor, require
from registry.people.tables import Account
from signing.cose import key_id

KEY_YEARS = 3
# Keys that the signer counts once custodians signed them in; of all others the register itself decides.
IN_THE_ROSTER = frozenset({Purpose.DECISION, Purpose.SERIES})

Command = TypeVar("Command", bound=Callable[..., Any])


def key_options(command: Command) -> Command:
    """Let a command take a new key: made here, or by its holder."""
    made = click.option(
        "--key",
        type=KeyFile(exists=False),
        help="Make a signing key in this new file NAME.age, sealed to this installation's identity, and enrol it.",
    )
    given = click.option(
        "--public",
        type=PublicKeyText(),
        metavar="HEX|FILE",
        help="Enrol a key that its holder made and keeps: 64 hex digits, or a PEM file of the public key.",
    )
    return made(given(command))


def require_one_key(key: Path | None, public: bytes | None) -> None:
    """Refuse two keys at once."""
    if key and public:
        raise click.UsageError("give --key to make a key here, or --public for one made elsewhere, not both")


def enrol_for_years(
    session: Session, by: Actor, actor: Actor, public: bytes, purpose: Purpose, *, now: datetime
) -> None:
    """Enrol a key from today on, for three years."""
    today = civil_date(now)
    last = today.replace(year=today.year + KEY_YEARS, day=min(today.day, 28))
    enrol_key(
        session, actor, public, purpose, valid_from_on=today, valid_to_on=last, now=now, by=by.account_id
    )


def told(purpose: str) -> str:
    """Say what a key is for."""
    return f"for {purpose}" if purpose in (Purpose.ACCESS, Purpose.ADMINISTRATION) else f"for a {purpose}"


def tell_key(public: bytes, purpose: Purpose, key: Path | None) -> None:
    """Say which key was enrolled, where it is, and what comes next."""
    place = f"in {key}" if key else "its holder's own"
    click.echo(f"key     {key_id(public).hex()} {told(purpose)}, {place}")
    if purpose in IN_THE_ROSTER:
        click.echo("next    certreg key roster: the signer counts the key once two custodians signed it in")


@click.command("enrol")
@click.argument("account", type=click.UUID)
@click.option(
    "--purpose",
    required=True,
    type=click.Choice([str(purpose) for purpose in ROLES_OF]),
    help="What its signatures count for; the account's role must go with it.",
)
@key_options
@click.pass_obj
def account_enrol(desk: Desk, account: UUID, purpose: str, key: Path | None, public: bytes | None) -> None:
    """Take another key of a body's ACCOUNT.

    A body's administrator does that himself over the API; here it is done for his own first key, or for one whose body
    has no administrator.
    """
    require_one_key(key, public)
    installation, now, wanted = desk.installation, desk.now(), Purpose(purpose)
    actor = installation.sessions.read(lambda session: _account_for(session, desk.actor, account, wanted))
    if key:
        public = HolderKey.create(key, desk.custody.identity, now=now).public
    if public is None:
        raise click.UsageError("give --key or --public")
    enrolled = public
    installation.sessions.run(
        lambda session: enrol_for_years(session, desk.actor, actor, enrolled, wanted, now=now)
    )
    tell_key(enrolled, wanted, key)


@click.command("revoke-key")
@click.argument("key", type=KeyId())
@click.confirmation_option(prompt="A revoked key never counts again. Revoke it?", help="Ask nothing.")
@click.pass_obj
def account_revoke_key(desk: Desk, key: bytes) -> None:
    """Revoke a body's KEY, at once and for ever.

    Keys of reviewers and registrars end with the roster.
    """
    now = desk.now()
    desk.installation.sessions.run(
        lambda session: revoke_key(session, desk.actor, key, now=now), idempotent=True
    )
    click.echo(f"key     {key.hex()} is revoked")


def _account_for(session: Session, by: Actor, account: UUID, purpose: Purpose) -> Actor:
    require(by, Act.APPOINT, scope=NATIONAL)
    if session.get(Account, account) is None:
        raise UnknownAccount(account)
    actor = load_actor(session, account)
    if not account_may_have(actor, purpose):
        roles = ", ".join(sorted(ROLES_OF[purpose]))
        raise KeyRefused(f"a key for {purpose} is for an account with one of the roles {roles}")
    return actor


enrolling_commands = (account_enrol, account_revoke_key)
