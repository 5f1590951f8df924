"""``certreg key``: the custodians' commands."""

from pathlib import Path

import click

from keys.epochs import list_keys
from keys.hsm.pin import Pin
from registry.operator import ceremony
from registry.operator.desk import Desk
from registry.operator.errors import OtherCeremony
from registry.operator.key_outlook import outlooks, trust_advice
from registry.operator.log_founding import Witnesses
from registry.operator.log_founding_commands import log_founding_commands, tell_log, witness_options
from registry.operator.media import (
    Sealing,
    custodian_media_option,
    mldsa_told,
    passphrase_option,
    require_own_media,
    root_media_option,
)
from registry.operator.roster_command import key_roster
from registry.operator.rotation_commands import rotation_commands
from signing.custody import THRESHOLD

ROOTS = 3
LEAST_CUSTODIANS = THRESHOLD


@click.group()
def key() -> None:
    """Make keys, list and rotate them, bring them to their end."""


@key.command("found")
@root_media_option("three")
@custodian_media_option("two or more")
@passphrase_option
@witness_options
@click.pass_obj
def key_found(
    desk: Desk,
    folders: tuple[Path, ...],
    custodian_folders: tuple[Path, ...],
    passphrase: bool,
    witnesses: Witnesses,
) -> None:
    """Make the register's first keys.

    Three root keys, each with a key of ML-DSA-44 beside it, the pinned root, two custodian keys, the status key, the
    first issuing key, the public log with its witnesses, and the trust bundle.
    """
    if len(folders) != ROOTS:
        raise click.UsageError(f"give {ROOTS} media: 2 of 3 root keys sign, so that one may be lost")
    if len(custodian_folders) < LEAST_CUSTODIANS:
        raise click.UsageError(f"give {LEAST_CUSTODIANS} custodian media or more: names are signed by two")
    require_own_media(*folders, *custodian_folders)
    ceremony.require_not_founded(desk.custody)
    sealing = Sealing(desk, passphrase, confirm=True)
    media, custodian_media = sealing.roots(folders), sealing.custodians(custodian_folders)
    founded = ceremony.found_keys(
        desk.installation,
        desk.custody,
        desk.actor,
        media,
        custodian_media,
        witnesses=witnesses,
        now=desk.now(),
    )
    root = desk.custody.root
    roots = ", ".join(key_id.hex() for key_id in founded.root_key_ids)
    click.echo(f"roots      {roots} ({root.threshold} of {len(root.keys)} sign)")
    click.echo(f"ML-DSA-44  {mldsa_told(root)}")
    custodians = ", ".join(key_id.hex() for key_id in founded.trust.custodians)
    click.echo(f"custodians {custodians} ({THRESHOLD} sign)")
    click.echo(f"pinned     {desk.settings.root_file}: give it to verifiers by another way than this site")
    tell_log(founded.trust.logs[-1], desk.custody)
    click.echo(f"trust      version {founded.trust.version}, until {founded.trust.expires_at:%Y-%m-%d}")


@key.command("open-epoch")
@root_media_option("two")
@passphrase_option
@click.option("--ahead", is_flag=True, help="Open the next epoch while one is open.")
@click.pass_obj
def key_open_epoch(desk: Desk, folders: tuple[Path, ...], passphrase: bool, ahead: bool) -> None:
    """Make the next issuing key, in a new trust bundle."""
    require_own_media(*folders)
    media = Sealing(desk, passphrase).roots(folders)
    trust = ceremony.open_next_epoch(
        desk.installation, desk.custody, desk.actor, media, now=desk.now(), ahead=ahead
    )
    click.echo(f"trust      version {trust.version}; run `certreg publish` to show it to the public")


@key.command("names")
@custodian_media_option("two")
@passphrase_option
@click.pass_obj
def key_names(desk: Desk, custodian_folders: tuple[Path, ...], passphrase: bool) -> None:
    """Sign the directory's names anew.

    Needed after bodies, occupations or directions were added.
    """
    require_own_media(*custodian_folders)
    media = Sealing(desk, passphrase).custodians(custodian_folders)
    renewed = ceremony.renew_names(desk.installation, desk.custody, media, now=desk.now())
    ceremony.record_names(desk.installation, desk.custody, desk.actor, now=desk.now())
    click.echo("names signed anew; run `certreg publish`" if renewed else "the names are as they were")


@key.command("list")
@click.pass_obj
def key_list(desk: Desk) -> None:
    """List the keys, what they have left, and what to do next.

    Opens none of them. The first line says where new ones are made.
    """
    custody, now = desk.custody, desk.now()
    click.echo(f"kept in    {custody.settings.key_store}: {custody.store}")
    unfinished = custody.intents.current()
    if unfinished is not None:
        click.echo(f"unfinished {OtherCeremony(unfinished.kind, unfinished.key_id, unfinished.begun_at)}")
    kept = custody.home.kept()
    opened = kept.open(custody.pinned)
    publication = [link.publication for link in kept.every_root(desk.settings.environment)]
    root = custody.root
    for key_id in root.verifiers:
        click.echo(f"{key_id.hex()}  {'root':<12} {'pinned':<12} on a medium")
    click.echo(f"ML-DSA-44 {'of roots':<12} {mldsa_told(root)}")
    listed = list_keys(custody.stores, opened.trust, root, now=now, publication=publication)
    found = desk.installation.sessions.read(
        lambda session: list(outlooks(session, listed, opened.trust, now=now))
    )
    for outlook in found:
        click.echo(outlook.text)
    for role, expires_at in opened.expiries():
        click.echo(f"metadata  {role:<12} until {expires_at:%Y-%m-%d}")
    if advice := trust_advice(opened.trust, now=now):
        click.echo(f"    → {advice}")


@key.command("pin")
@click.pass_obj
def key_pin(desk: Desk) -> None:
    """Take the PIN of the HSM's token and keep it sealed.

    It is asked for, tried, and only then written, so a wrong one is never kept.
    """
    store, seal = desk.custody.hsm, desk.custody.identity
    store.keep_pin(Pin(click.prompt(f"PIN of {store}", hide_input=True)), seal)
    click.echo(f"the token takes it; kept, sealed, in {store.place.pin_file}")


for more in (key_roster, *log_founding_commands, *rotation_commands):
    key.add_command(more)
