"""``certreg key``: the custodians' commands."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from keys.custodians import CustodianMedium
from keys.epochs import list_keys
from keys.roots import RootMedium
from keys.sealing import Passphrase, Seal
from registry.operator import ceremony
from registry.operator.desk import Desk
from registry.operator.roster_ceremony import proposed_roster, renew_roster
from signing.custody import THRESHOLD

ROOTS = 3
LEAST_CUSTODIANS = THRESHOLD

FC = TypeVar("FC", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the keys on media are sealed: by the register's identity, or by passphrases asked for one by one.

    ``confirm`` says that the passphrases are new ones, each to be typed twice.
    """

    desk: Desk
    passphrase: bool
    confirm: bool = False

    def roots(self, folders: tuple[Path, ...]) -> list[RootMedium]:
        """Return the media of root keys."""
        return [RootMedium(folder, self._seal("root", folder)) for folder in folders]

    def custodians(self, folders: tuple[Path, ...]) -> list[CustodianMedium]:
        """Return the media of custodian keys."""
        return [CustodianMedium(folder, self._seal("custodian", folder)) for folder in folders]

    def _seal(self, kind: str, folder: Path) -> Seal:
        if not self.passphrase:
            return self.desk.custody.identity
        prompt = f"Passphrase of the {kind} key in {folder}"
        return Passphrase(click.prompt(prompt, hide_input=True, confirmation_prompt=self.confirm))


def _require_own_media(*folders: Path) -> None:
    if len({folder.resolve() for folder in folders}) != len(folders):
        raise click.UsageError("each key needs a medium of its own: give different folders")


def _medium_option(least: str) -> Callable[[FC], FC]:
    return _folders_option("--medium", "folders", f"Folder of one root key; give {least}.")


def _custodian_option(least: str) -> Callable[[FC], FC]:
    return _folders_option(
        "--custodian-medium", "custodian_folders", f"Folder of one custodian key; give {least}."
    )


def _folders_option(name: str, variable: str, told: str) -> Callable[[FC], FC]:
    return click.option(
        name,
        variable,
        multiple=True,
        required=True,
        type=click.Path(file_okay=False, path_type=Path),
        help=told,
    )


passphrase_option = click.option(
    "--passphrase", is_flag=True, help="The keys on media are sealed by passphrases, asked for one by one."
)


@click.group()
def key() -> None:
    """Found the keys, open epochs, renew names, list keys."""


@key.command("found")
@_medium_option("three")
@_custodian_option("two or more")
@passphrase_option
@click.pass_obj
def key_found(
    desk: Desk, folders: tuple[Path, ...], custodian_folders: tuple[Path, ...], passphrase: bool
) -> None:
    """Make the register's first keys.

    Three root keys, the pinned root, two custodian keys, the status key, the first issuing key, and the trust
    bundle.
    """
    if len(folders) != ROOTS:
        raise click.UsageError(f"give {ROOTS} media: 2 of 3 root keys sign, so that one may be lost")
    if len(custodian_folders) < LEAST_CUSTODIANS:
        raise click.UsageError(f"give {LEAST_CUSTODIANS} custodian media or more: names are signed by two")
    _require_own_media(*folders, *custodian_folders)
    ceremony.require_not_founded(desk.custody)
    sealing = Sealing(desk, passphrase, confirm=True)
    media, custodian_media = sealing.roots(folders), sealing.custodians(custodian_folders)
    founded = ceremony.found_keys(
        desk.installation, desk.custody, desk.actor, media, custodian_media, now=desk.now()
    )
    root = desk.custody.root
    roots = ", ".join(key_id.hex() for key_id in founded.root_key_ids)
    click.echo(f"roots      {roots} ({root.threshold} of {len(root.keys)} sign)")
    custodians = ", ".join(key_id.hex() for key_id in founded.trust.custodians)
    click.echo(f"custodians {custodians} ({THRESHOLD} sign)")
    click.echo(f"pinned     {desk.settings.root_file}: give it to verifiers by another way than this site")
    click.echo(f"trust      version {founded.trust.version}, until {founded.trust.expires_at:%Y-%m-%d}")


@key.command("open-epoch")
@_medium_option("two")
@passphrase_option
@click.option("--ahead", is_flag=True, help="Open the next epoch while one is open.")
@click.pass_obj
def key_open_epoch(desk: Desk, folders: tuple[Path, ...], passphrase: bool, ahead: bool) -> None:
    """Make the next issuing key, in a new trust bundle."""
    _require_own_media(*folders)
    media = Sealing(desk, passphrase).roots(folders)
    trust = ceremony.open_next_epoch(
        desk.installation, desk.custody, desk.actor, media, now=desk.now(), ahead=ahead
    )
    click.echo(f"trust      version {trust.version}; run `certreg publish` to show it to the public")


@key.command("names")
@_custodian_option("two")
@passphrase_option
@click.pass_obj
def key_names(desk: Desk, custodian_folders: tuple[Path, ...], passphrase: bool) -> None:
    """Sign the directory's names anew.

    Needed after bodies, occupations or directions were added.
    """
    _require_own_media(*custodian_folders)
    media = Sealing(desk, passphrase).custodians(custodian_folders)
    renewed = ceremony.renew_names(desk.installation, desk.custody, media, now=desk.now())
    click.echo("names signed anew; run `certreg publish`" if renewed else "the names are as they were")


@key.command("list")
@click.pass_obj
def key_list(desk: Desk) -> None:
    """List the keys with state and age; open none."""
    custody = desk.custody
    for key_id in custody.root.verifiers:
        click.echo(f"{key_id.hex()}  {'root':<12} {'pinned':<12} on a medium")
    for listed in list_keys([custody.store], custody.home.trust_keys(), custody.root, now=desk.now()):
        age = "elsewhere" if listed.age_days is None else f"{listed.age_days} days"
        entry = listed.entry
        block = f"entries {entry.first_entry}–{entry.last_entry}" if entry and entry.last_entry else ""
        click.echo(f"{listed.key_id.hex()}  {listed.kind:<12} {listed.state:<12} {age:<10} {block}".rstrip())


@key.command("roster")
@_custodian_option("two")
@passphrase_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def key_roster(desk: Desk, custodian_folders: tuple[Path, ...], passphrase: bool, yes: bool) -> None:
    """Sign whose decisions and openings the signer counts.

    Needed after a reviewer or registrar was appointed, a key of theirs was enrolled or revoked, or a custodian was
    replaced: the signer of certificates reads no database, and believes this roster.
    """
    _require_own_media(*custodian_folders)
    change = proposed_roster(desk.installation, desk.custody)
    if change.previous is not None and not change.needed:
        click.echo(f"the roster is as it was, version {change.previous.version}")
        return
    if change.previous is not None and not change.counts:
        click.echo(
            f"version {change.previous.version} counts no longer: too few who signed it are custodians now"
        )
    for sign, entries in (("+", change.added), ("-", change.removed)):
        for entry in entries:
            until = (
                f"revoked {entry.revoked_at:%Y-%m-%d %H:%M}Z"
                if entry.revoked_at
                else f"until {entry.last_on}"
            )
            click.echo(
                f"  {sign} {entry.key_id.hex()}  {entry.duty:<9} {entry.jurisdiction:<6} {until}  {entry.person}"
            )
    if not yes:
        click.confirm("Let two custodians sign this roster?", abort=True)
    media = Sealing(desk, passphrase).custodians(custodian_folders)
    roster = renew_roster(desk.installation, desk.custody, media, now=desk.now())
    if roster is not None:
        click.echo(
            f"roster     version {roster.version}, {len(roster.entries)} duties; the signer takes it up by itself"
        )
