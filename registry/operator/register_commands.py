"""``certreg init``, ``directory``, ``account``, ``series``."""

from functools import partial
from pathlib import Path

import click
from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from registry.certificate.numbering import Scope, open_series
from registry.civil_time import civil_date
from registry.directory.loading import load_directory
from registry.directory.overview import overview
from registry.operator.desk import Desk
from registry.operator.founding import found_register
from registry.people.accounts import Purpose, create_account, enrol_key
from registry.people.permission import Role
from signing.statement import Level

KEY_YEARS = 3


@click.command()
@click.option("--registrar", default="登记员", show_default=True, help="Name of the first registrar.")
@click.pass_obj
def init(desk: Desk, registrar: str) -> None:
    """Found a register, or bring an existing one to the present shape. Changes only what is missing."""
    done = found_register(desk, registrar=registrar)
    click.echo(f"database   {desk.settings.database_url} is in its present shape")
    for path in done.new_secrets:
        click.echo(f"secret     {path} made; keep a copy apart from the database")
    for kind, tally in done.directory.kinds.items():
        click.echo(f"directory  {kind}: {tally.new} new, {tally.changed} changed, {tally.unchanged} as before")
    click.echo(f"registrar  {registrar if done.new_registrar else 'there was one already'}")


@click.group()
def directory() -> None:
    """Show or load the directory of bodies, sites, listings and occupations."""


@directory.command("load")
@click.pass_obj
def directory_load(desk: Desk) -> None:
    """Take the data files into the register."""
    now = desk.now()
    report = desk.installation.sessions.run(lambda session: load_directory(session, now=now))
    for kind, tally in report.kinds.items():
        click.echo(f"{kind}: {tally.new} new, {tally.changed} changed, {tally.unchanged} as before")


@directory.command("show")
@click.pass_obj
def directory_show(desk: Desk) -> None:
    """List the bodies with their sites and listings; assumed values carry a mark."""
    found = desk.installation.sessions.read(overview)
    for item in found.bodies:
        click.echo(f"{item.body.issuer}{_mark(item.body.assumed)}  {item.body.name}")
        for site in item.sites:
            click.echo(f"    站点 {site.province}-{site.code}{_mark(site.assumed)}  {site.name}")
        for listing in item.listings:
            period = f"{listing.listed_on} – {listing.expires_on}"
            click.echo(f"    职业 {listing.occupation.text}  {period}{_mark(listing.assumed)}")
    click.echo("* 假定：未见于政策文件，启用前须由主管部门确认")


def _mark(assumed: bool) -> str:
    return "*" if assumed else ""


@click.group()
def account() -> None:
    """Make accounts and enrol their signing keys."""


@account.command("create")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    metavar="ROLE:SCOPE",
    help="For example submitter:S0001, province_reviewer:CN-21, centre_reviewer:CN. Repeatable.",
)
@click.option("--key", type=click.Path(path_type=Path), help="Make a signing key in this file, and enrol it.")
@click.pass_obj
def account_create(desk: Desk, name: str, roles: tuple[str, ...], key: Path | None) -> None:
    """Make an account with roles; with --key also its key, sealed to this installation's identity."""
    appointed = {_role(text) for text in roles}
    now = desk.now()
    holder = HolderKey.create(key, desk.custody.identity, now=now) if key else None
    purpose = Purpose.SUBMISSION if any(role is Role.SUBMITTER for role, _ in appointed) else Purpose.DECISION

    def act(session: Session) -> str:
        actor = create_account(session, name, appointed, now=now)
        if holder:
            today = civil_date(now)
            last = today.replace(year=today.year + KEY_YEARS, day=min(today.day, 28))
            enrol_key(
                session, actor, holder.public, purpose, valid_from_on=today, valid_to_on=last, now=now
            )
        return str(actor.account_id)

    click.echo(f"account {desk.installation.sessions.run(act)}  {name}")
    if holder:
        click.echo(f"key     {holder.key_id.hex()} in {key}, for a {purpose}")


def _role(text: str) -> tuple[Role, str]:
    name, _, scope = text.partition(":")
    if name not in list(Role) or not scope:
        known = ", ".join(Role)
        raise click.BadParameter(f"{text!r}: write ROLE:SCOPE, ROLE one of {known}", param_hint="--role")
    return Role(name), scope


@click.group()
def series() -> None:
    """Open the series in which numbers are given."""


@series.command("open")
@click.option("--issuer", required=True, help="Issuer key of the body, S0001.")
@click.option("--province", required=True, help="Two digits of GB/T 2260.")
@click.option("--site", required=True, help="Site code, six digits.")
@click.option("--year", required=True, type=click.IntRange(2000, 2099), help="Year of 发证日期.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice([level.name.lower() for level in Level]),
    help="Repeatable; all three if left out.",
)
@click.pass_obj
def series_open(desk: Desk, issuer: str, province: str, site: str, year: int, levels: tuple[str, ...]) -> None:
    """Open series of one body, site and year. Series that are open stay as they are."""
    now, profile = desk.now(), desk.installation.profiles.issuing
    for name in levels or [level.name.lower() for level in Level]:
        scope = Scope(issuer, province, site, year, Level[name.upper()])
        act = partial(open_series, actor=desk.actor, profile=profile, scope=scope, now=now)
        new = desk.installation.sessions.run(act)
        click.echo(f"{scope.key(profile)}  {'opened' if new else 'was open'}")


register_commands = (init, directory, account, series)
