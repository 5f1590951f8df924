"""``certreg key``: the custodians' commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from keys.epochs import list_keys
from keys.hsm.pin import Pin
from keys.roots import RootMedium
from keys.sealing import Passphrase, Seal
from registry.operator import ceremony
from registry.operator.desk import Desk

ROOTS = 3

FC = TypeVar("FC", bound=Callable[..., Any])


def _media(desk: Desk, folders: tuple[Path, ...], *, passphrase: bool, confirm: bool) -> list[RootMedium]:
    def seal(folder: Path) -> Seal:
        if not passphrase:
            return desk.custody.identity
        prompt = f"Passphrase of the root key in {folder}"
        return Passphrase(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm))

    if len({folder.resolve() for folder in folders}) != len(folders):
        raise click.UsageError(
            "each root key needs a medium of its own: give different folders with --medium"
        )
    return [RootMedium(folder, seal(folder)) for folder in folders]


def _medium_option(least: str) -> Callable[[FC], FC]:
    return click.option(
        "--medium",
        "folders",
        multiple=True,
        required=True,
        type=click.Path(file_okay=False, path_type=Path),
        help=f"Folder of one root key; give {least}.",
    )


passphrase_option = click.option(
    "--passphrase", is_flag=True, help="Root keys are sealed by passphrases, asked for one by one."
)


@click.group()
def key() -> None:
    """Found the keys, open epochs, renew names, list keys."""


@key.command("found")
@_medium_option("three")
@passphrase_option
@click.pass_obj
def key_found(desk: Desk, folders: tuple[Path, ...], passphrase: bool) -> None:
    """Make the register's first keys.

    Three root keys, the pinned root, the status key, the first issuing key, and the trust bundle.
    """
    if len(folders) != ROOTS:
        raise click.UsageError(f"give {ROOTS} media: 2 of 3 root keys sign, so that one may be lost")
    ceremony.require_not_founded(desk.custody)
    media = _media(desk, folders, passphrase=passphrase, confirm=True)
    founded = ceremony.found_keys(desk.installation, desk.custody, desk.actor, media, now=desk.now())
    root = desk.custody.root
    roots = ", ".join(key_id.hex() for key_id in founded.root_key_ids)
    click.echo(f"roots      {roots} ({root.threshold} of {len(root.keys)} sign)")
    click.echo(f"pinned     {desk.settings.root_file}: give it to verifiers by another way than this site")
    click.echo(f"trust      version {founded.trust.version}, until {founded.trust.expires_at:%Y-%m-%d}")


@key.command("open-epoch")
@_medium_option("two")
@passphrase_option
@click.option("--ahead", is_flag=True, help="Open the next epoch while one is open.")
@click.pass_obj
def key_open_epoch(desk: Desk, folders: tuple[Path, ...], passphrase: bool, ahead: bool) -> None:
    """Make the next issuing key, in a new trust bundle."""
    media = _media(desk, folders, passphrase=passphrase, confirm=False)
    trust = ceremony.open_next_epoch(
        desk.installation, desk.custody, desk.actor, media, now=desk.now(), ahead=ahead
    )
    click.echo(f"trust      version {trust.version}; run `certreg publish` to show it to the public")


@key.command("names")
@_medium_option("two")
@passphrase_option
@click.pass_obj
def key_names(desk: Desk, folders: tuple[Path, ...], passphrase: bool) -> None:
    """Sign the directory's names anew.

    Needed after bodies, occupations or directions were added.
    """
    media = _media(desk, folders, passphrase=passphrase, confirm=False)
    renewed = ceremony.renew_names(desk.installation, desk.custody, media, now=desk.now())
    click.echo("names signed anew; run `certreg publish`" if renewed else "the names are as they were")


@key.command("list")
@click.pass_obj
def key_list(desk: Desk) -> None:
    """List the keys with state and age; open none.

    The first line says where new ones are made.
    """
    custody = desk.custody
    click.echo(f"kept in    {custody.settings.key_store}: {custody.store}")
    for key_id in custody.root.verifiers:
        click.echo(f"{key_id.hex()}  {'root':<12} {'pinned':<12} on a medium")
    for listed in list_keys(custody.stores, custody.home.trust_keys(), custody.root, now=desk.now()):
        age = "elsewhere" if listed.age_days is None else f"{listed.age_days} days"
        entry = listed.entry
        block = f"entries {entry.first_entry}–{entry.last_entry}" if entry and entry.last_entry else ""
        click.echo(f"{listed.key_id.hex()}  {listed.kind:<12} {listed.state:<12} {age:<10} {block}".rstrip())


@key.command("pin")
@click.pass_obj
def key_pin(desk: Desk) -> None:
    """Take the PIN of the HSM's token and keep it sealed.

    It is asked for, tried, and only then written, so a wrong one is never kept.
    """
    store, seal = desk.custody.hsm, desk.custody.identity
    store.keep_pin(Pin(click.prompt(f"PIN of {store}", hide_input=True)), seal)
    click.echo(f"the token takes it; kept, sealed, in {store.place.pin_file}")
