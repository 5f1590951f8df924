"""``certreg key``: the custodians' commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from keys.epochs import list_keys
from keys.roots import RootMedium
from keys.sealing import Passphrase, Seal
from registry.operator import ceremony
from registry.operator.desk import Desk

FC = TypeVar("FC", bound=Callable[..., Any])


def _media(desk: Desk, folders: tuple[Path, ...], *, passphrase: bool, confirm: bool) -> list[RootMedium]:
    def seal(folder: Path) -> Seal:
        if not passphrase:
            return desk.custody.identity
        prompt = f"Passphrase of the root key in {folder}"
        return Passphrase(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm))

    return [RootMedium(folder, seal(folder)) for folder in folders]


def _medium_option(least: str) -> Callable[[FC], FC]:
    return click.option(
        "--medium",
        "folders",
        multiple=True,
        required=True,
        type=click.Path(path_type=Path),
        help=f"Folder of one root key; give {least}.",
    )



passphrase_option = click.option(
    "--passphrase", is_flag=True, help="Root keys are sealed by passphrases, asked for one by one."
)


@click.group()
def key() -> None:
    """Found the keys, open epochs, renew the published names, list the keys."""


@key.command("found")
@_medium_option("three")
@passphrase_option
@click.pass_obj
def key_found(desk: Desk, folders: tuple[Path, ...], passphrase: bool) -> None:
    """Make three root keys, the pinned root, the status key, the first epoch and the trust bundle."""
    media = _media(desk, folders, passphrase=passphrase, confirm=True)
    founded = ceremony.found_keys(desk.installation, desk.custody, desk.actor, media, now=desk.now())
    click.echo(f"roots      {', '.join(key_id.hex() for key_id in founded.root_key_ids)} (2 of 3 sign)")
    click.echo(f"pinned     {desk.settings.root_file}: give it to verifiers by another way than this site")
    click.echo(f"trust      version {founded.trust.version}, until {founded.trust.expires_at:%Y-%m-%d}")


@key.command("open-epoch")
@_medium_option("two")
@passphrase_option
@click.option("--ahead", is_flag=True, help="Open the next epoch while one is open.")
@click.pass_obj
def key_open_epoch(desk: Desk, folders: tuple[Path, ...], passphrase: bool, ahead: bool) -> None:
    """Make the next issuing key and publish it in the trust bundle."""
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
    """Sign the directory's names anew, after bodies, occupations or directions were added."""
    media = _media(desk, folders, passphrase=passphrase, confirm=False)
    renewed = ceremony.renew_names(desk.installation, desk.custody, media, now=desk.now())
    click.echo("names signed anew; run `certreg publish`" if renewed else "the names are as they were")


@key.command("list")
@click.pass_obj
def key_list(desk: Desk) -> None:
    """List the keys with their state and age; opens none of them."""
    custody = desk.custody
    for listed in list_keys([custody.store], custody.home.trust_keys(), custody.root, now=desk.now()):
        age = "not here" if listed.age_days is None else f"{listed.age_days} days"
        entry = listed.entry
        block = f"entries {entry.first_entry}–{entry.last_entry}" if entry and entry.last_entry else ""
        click.echo(f"{listed.key_id.hex()}  {listed.kind:<12} {listed.state:<12} {age:<10} {block}".rstrip())
