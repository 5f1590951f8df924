"""``certreg init``, ``directory``, ``series``."""

from pathlib import Path

import click
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from registry.certificate.numbering import Scope
from registry.directory.body_view import body_view
from registry.directory.loading import LoadReport, load_directory
from registry.directory.overview import overview
from registry.operator.desk import Desk
from registry.operator.founding import found_register
from registry.operator.parameters import KeyFile
from registry.operator.registrar_key import open_in_person, open_registrar_key, registrar_key_path
from signing.statement import Level

LEVELS = [level.name.lower() for level in Level]


@click.command()
@click.option("--registrar", default="登记员", show_default=True, help="Name of the first registrar.")
@click.pass_obj
def init(desk: Desk, registrar: str) -> None:
    """Found a register, or bring one to the present shape.

    Run again, it brings the database and the directory up to date. Secrets are made at the founding alone; a lost
    one is refused, because another would open nothing that is stored.
    """
    done = found_register(desk, registrar=registrar)
    # An address may hold a password, which is shown as ***.
    address = make_url(desk.settings.database_url).render_as_string(hide_password=True)
    click.echo(f"database   {address} is in its present shape")
    for path in done.new_secrets:
        click.echo(f"secret     {path} made; keep a copy apart from the database")
    _tell_loaded(done.directory, "directory  ")
    click.echo(f"registrar  {registrar if done.new_registrar else 'there was one already'}")
    if not desk.settings.root_file.exists():
        click.echo(
            "next       certreg key found --medium FOLDER (three times) --custodian-medium FOLDER (two times or more) "
            "--witness FILE (a witness's public keys; without any, the register is its own): the register's keys"
        )


@click.group()
def directory() -> None:
    """Show or load bodies, sites, listings and occupations."""


@directory.command("load")
@click.pass_obj
def directory_load(desk: Desk) -> None:
    """Take the shipped data files into the register."""
    now = desk.now()
    report = desk.installation.sessions.run(lambda session: load_directory(session, now=now))
    _tell_loaded(report, "")
    click.echo("run `certreg key names` if bodies, occupations or directions are new")


def _tell_loaded(report: LoadReport, before: str) -> None:
    for kind, tally in report.kinds.items():
        click.echo(f"{before}{kind}: {tally.new} new, {tally.changed} changed, {tally.unchanged} as before")


@directory.command("show")
@click.pass_obj
def directory_show(desk: Desk) -> None:
    """List the bodies; what is assumed carries a mark.

    With their sites and the occupations that they are listed for.
    """
    found = desk.installation.sessions.read(overview)
    for item in found.bodies:
        uscc = f"  统一社会信用代码 {item.uscc}" if item.uscc else ""
        click.echo(f"{item.body.issuer}{_mark(item.body.assumed)}  {item.body.name}{uscc}")
        for site in item.sites:
            click.echo(f"    站点 {site.province}-{site.code}{_mark(site.assumed)}  {site.name}")
        for listing in item.listings:
            period = f"{listing.listed_on} – {listing.expires_on}"
            click.echo(f"    职业 {listing.occupation.text}  {period}{_mark(listing.assumed)}")
    click.echo("* 假定：未见于政策文件，启用前须由主管部门确认")


def _mark(assumed: bool) -> str:
    return "*" if assumed else ""


@click.group()
def series() -> None:
    """Open the series in which numbers are given."""


@series.command("open")
@click.option("--issuer", required=True, help="Issuer key of the body, S0001.")
@click.option("--province", required=True, help="Two digits of GB/T 2260.")
@click.option("--site", required=True, help="Site code, six digits.")
@click.option("--year", required=True, type=click.IntRange(2000, 2099), help="Year of 发证日期.")
@click.option(
    "--level", "levels", multiple=True, type=click.Choice(LEVELS), help="Repeatable; all three if left out."
)
@click.option(
    "--key",
    "key_file",
    type=KeyFile(exists=True),
    help="The registrar's key; that of the first registrar if left out.",
)
@click.pass_obj
def series_open(
    desk: Desk,
    issuer: str,
    province: str,
    site: str,
    year: int,
    levels: tuple[str, ...],
    key_file: Path | None,
) -> None:
    """Open series of one body, site and year. Series that are open stay as they are.

    The opening is signed with the registrar's key; the signer of certificates asks for it.
    """
    installation, profile, now = desk.installation, desk.installation.profiles.issuing, desk.now()
    installation.sessions.read(lambda session: _require_site(session, issuer, province, site))
    key = open_registrar_key(key_file or registrar_key_path(desk.settings), desk.custody.identity)
    for name in levels or LEVELS:
        scope = Scope(issuer, province, site, year, Level[name.upper()])
        new = open_in_person(installation, desk.actor, key, scope, now=now)
        click.echo(f"{scope.key(profile)}  {'opened' if new else 'was open'}")


def _require_site(session: Session, issuer: str, province: str, site: str) -> None:
    """Refuse a series that no submission could ever number in. Raises ``UnknownBody`` or wrong use."""
    view = body_view(session, issuer)
    if view.site(province=province, code=site) is None:
        known = ", ".join(sorted(f"{place}-{code}" for place, code in view.sites))
        raise click.UsageError(f"{issuer} has no site {province}-{site}; it has {known or 'none'}")


register_commands = (init, directory, series)
