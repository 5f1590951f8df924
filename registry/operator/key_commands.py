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
from registry.operator.errors import OtherCeremony
from registry.operator.key_outlook import outlooks, trust_advice

ROOTS = 3

FC = TypeVar("FC", bound=Callable[..., Any])


def media_of(desk: Desk, folders: tuple[Path, ...], *, passphrase: bool, confirm: bool) -> list[RootMedium]:
    """Return the media of these folders, each with the seal of its root key; ``confirm`` asks each passphrase twice."""

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


def medium_option(least: str) -> Callable[[FC], FC]:
    """Return the option that names media with root keys; ``least`` says in words how many."""
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
    """Make keys, list them, bring them to their end."""


@key.command("found")
@medium_option("three")
@passphrase_option
@click.pass_obj
def key_found(desk: Desk, folders: tuple[Path, ...], passphrase: bool) -> None:
    """Make the register's first keys.

    Three root keys, the pinned root, the status key, the first issuing key, and the trust bundle.
    """
    if len(folders) != ROOTS:
        raise click.UsageError(f"give {ROOTS} media: 2 of 3 root keys sign, so that one may be lost")
    ceremony.require_not_founded(desk.custody)
    media = media_of(desk, folders, passphrase=passphrase, confirm=True)
    founded = ceremony.found_keys(desk.installation, desk.custody, desk.actor, media, now=desk.now())
    root = desk.custody.root
    roots = ", ".join(key_id.hex() for key_id in founded.root_key_ids)
    click.echo(f"roots      {roots} ({root.threshold} of {len(root.keys)} sign)")
    click.echo(f"pinned     {desk.settings.root_file}: give it to verifiers by another way than this site")
    click.echo(f"trust      version {founded.trust.version}, until {founded.trust.expires_at:%Y-%m-%d}")


@key.command("open-epoch")
@medium_option("two")
@passphrase_option
@click.option("--ahead", is_flag=True, help="Open the next epoch while one is open.")
@click.pass_obj
def key_open_epoch(desk: Desk, folders: tuple[Path, ...], passphrase: bool, ahead: bool) -> None:
    """Make the next issuing key, in a new trust bundle."""
    media = media_of(desk, folders, passphrase=passphrase, confirm=False)
    trust = ceremony.open_next_epoch(
        desk.installation, desk.custody, desk.actor, media, now=desk.now(), ahead=ahead
    )
    click.echo(f"trust      version {trust.version}; run `certreg publish` to show it to the public")


@key.command("names")
@medium_option("two")
@passphrase_option
@click.pass_obj
def key_names(desk: Desk, folders: tuple[Path, ...], passphrase: bool) -> None:
    """Sign the directory's names anew.

    Needed after bodies, occupations or directions were added.
    """
    media = media_of(desk, folders, passphrase=passphrase, confirm=False)
    renewed = ceremony.renew_names(desk.installation, desk.custody, media, now=desk.now())
    ceremony.record_names(desk.installation, desk.custody, desk.actor, now=desk.now())
    click.echo("names signed anew; run `certreg publish`" if renewed else "the names are as they were")


@key.command("list")
@click.pass_obj
def key_list(desk: Desk) -> None:
    """List the keys, what they have left, and what to do next.

    Opens none of them.
    """
    custody, now = desk.custody, desk.now()
    unfinished = custody.intents.current()
    if unfinished is not None:
        click.echo(f"unfinished {OtherCeremony(unfinished.kind, unfinished.key_id, unfinished.begun_at)}")
    for key_id in custody.root.verifiers:
        click.echo(f"{key_id.hex()}  {'root':<12} {'pinned':<12} on a medium")
    trust = custody.home.trust_keys()
    listed = list_keys([custody.store], trust, custody.root, now=now)
    found = desk.installation.sessions.read(lambda session: list(outlooks(session, listed, trust, now=now)))
    for outlook in found:
        click.echo(outlook.text)
    if advice := trust_advice(trust, now=now):
        click.echo(f"    → {advice}")
