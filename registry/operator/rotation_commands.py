"""``certreg key rotate-…``: other keys in the place of those that are. Each says what it will do, and asks."""

from collections.abc import Collection, Iterable
from pathlib import Path

import click

from keys.key_file import KeyKind
from keys.medium import key_on
from registry.certificate.ceremonies import CeremonyKind
from registry.operator.bundle_rotation import rotate_custodians, rotate_status
from registry.operator.ceremony import (
    record_names,
    record_root,
    record_roster,
    record_unfinished,
    settle_register,
)
from registry.operator.desk import Desk
from registry.operator.media import (
    Sealing,
    custodian_media_option,
    leaving_option,
    media_option,
    mldsa_told,
    passphrase_option,
    require_own_media,
    root_media_option,
    yes_option,
)
from registry.operator.root_rotation import rotate_publication, rotate_root
from registry.operator.roster_ceremony import sign_roster_again
from signing import cose

NEXT = "run `certreg publish` to show it to the public"


@click.command("rotate-root")
@root_media_option("two of the present root's")
@media_option(
    "--new-medium",
    "new_folders",
    "Folder of one new root key; give one for each that leaves.",
    required=False,
)
@leaving_option("Id of a root key that leaves; may be left out if all do.")
@passphrase_option
@yes_option
@click.pass_obj
def key_rotate_root(
    desk: Desk,
    folders: tuple[Path, ...],
    new_folders: tuple[Path, ...],
    leaving: tuple[bytes, ...],
    passphrase: bool,
    yes: bool,
) -> None:
    """Make new root keys follow those that leave.

    The present root signs the new one, so verifiers that pin the present one follow. Holders who stay and have no
    ML-DSA-44 key yet get one beside their root key; without --new-medium nothing else is done, and all media are
    needed. Killed, it is run again with the same media.
    """
    root = desk.custody.root
    require_own_media(*folders, *new_folders)
    if len(new_folders) == len(root.keys) and not leaving:
        leaving = tuple(root.verifiers)
    if len(leaving) != len(new_folders):
        raise click.UsageError("give as many --leaving as --new-medium: the root keeps its number of keys")
    stay = [key_id for key_id in root.verifiers if key_id not in leaving]
    plan = [f"root of version {root.version} is followed by the next"]
    plan += _told("stays", stay) + _told("leaves", leaving) + [f"  new     in {each}" for each in new_folders]
    plan += ["  ML-DSA-44 keys are made on new media, and on those of holders who stay and have none"]
    _ask(plan, yes=yes)
    media = Sealing(desk, passphrase).roots(folders)
    new_media = Sealing(desk, passphrase, confirm=True).roots(new_folders)
    desk.custody.intents.require_none()
    record_unfinished(desk.installation, desk.custody, desk.actor, now=desk.now())
    after = rotate_root(desk.custody, media, new_media, leaving=leaving, now=desk.now())
    _record(desk, CeremonyKind.ROTATE_ROOT, after.verifiers)
    click.echo(f"root       version {after.version}: {_ids(after.verifiers)} ({after.threshold} sign)")
    click.echo(f"ML-DSA-44  {mldsa_told(after)}")
    click.echo(f"pinned     {desk.settings.root_file}; who pinned an older one follows by the public files")
    click.echo(f"trust      version {desk.custody.trust.version}; {NEXT}, then start the sites anew")


@click.command("rotate-publication")
@root_media_option("two of the present root's")
@passphrase_option
@yes_option
@click.pass_obj
def key_rotate_publication(desk: Desk, folders: tuple[Path, ...], passphrase: bool, yes: bool) -> None:
    """Make a new publication key.

    A new root of the same root keys names it; the present key publishes once more.
    """
    require_own_media(*folders)
    _ask(["the publication key is followed by a new one; the present one publishes once more"], yes=yes)
    media = Sealing(desk, passphrase).roots(folders)
    desk.custody.intents.require_none()
    link = rotate_publication(desk.custody, media, now=desk.now())
    record_root(
        desk.installation,
        desk.custody,
        desk.actor,
        CeremonyKind.ROTATE_PUBLICATION,
        [cose.key_id(public) for public in link.publication],
        now=desk.now(),
    )
    click.echo(f"root       version {link.root.version}; {NEXT}")


@click.command("rotate-status")
@root_media_option("two of the present root's")
@passphrase_option
@yes_option
@click.pass_obj
def key_rotate_status(desk: Desk, folders: tuple[Path, ...], passphrase: bool, yes: bool) -> None:
    """Make a new status key and retire the present one.

    A new trust bundle says so.
    """
    require_own_media(*folders)
    _ask(["the status key is followed by a new one and retired: it signs no more"], yes=yes)
    media = Sealing(desk, passphrase).roots(folders)
    desk.custody.intents.require_none()
    record_unfinished(desk.installation, desk.custody, desk.actor, now=desk.now())
    trust = rotate_status(desk.custody, media, now=desk.now())
    _record(desk, CeremonyKind.ROTATE_STATUS, desk.custody.usable_status_keys()[-1:])
    click.echo(f"trust      version {trust.version}; {NEXT}")


@click.command("rotate-custodian")
@root_media_option("two of the present root's")
@media_option(
    "--new-medium", "new_folders", "Folder of one new custodian key; give one or more.", required=False
)
@custodian_media_option("those who stay", required=False)
@leaving_option("Id of a custodian key that leaves; without it all leave but those on --custodian-medium.")
@passphrase_option
@yes_option
@click.pass_obj
def key_rotate_custodian(
    desk: Desk,
    folders: tuple[Path, ...],
    new_folders: tuple[Path, ...],
    custodian_folders: tuple[Path, ...],
    leaving: tuple[bytes, ...],
    passphrase: bool,
    yes: bool,
) -> None:
    """Make new custodian keys follow those that leave.

    Two of those who are custodians afterwards sign the names anew. Killed, it is run again with the same media.
    """
    require_own_media(*folders, *new_folders, *custodian_folders)
    staying = Sealing(desk, passphrase).custodians(custodian_folders)
    stay = {key_on(medium, KeyKind.CUSTODIAN).key_id for medium in staying}
    custodians = desk.custody.trust.custodians
    leaving = leaving or tuple(key_id for key_id in custodians if key_id not in stay)
    plan = _told("stays", [key_id for key_id in custodians if key_id not in leaving])
    plan += _told("leaves", leaving) + [f"  new     in {each}" for each in new_folders]
    _ask(["custodian keys of the trust bundle:", *plan], yes=yes)
    media = Sealing(desk, passphrase).roots(folders)
    new_media = Sealing(desk, passphrase, confirm=True).custodians(new_folders)
    desk.custody.intents.require_none()
    record_unfinished(desk.installation, desk.custody, desk.actor, now=desk.now())
    trust = rotate_custodians(desk.custody, media, new_media, staying, leaving=leaving, now=desk.now())
    _record(desk, CeremonyKind.ROTATE_CUSTODIAN, trust.custodians)
    record_names(desk.installation, desk.custody, desk.actor, now=desk.now())
    # Killed before this, `certreg key roster` does it; until then the signer waits.
    roster = sign_roster_again(desk.custody, [*staying, *new_media], now=desk.now())
    record_roster(desk.installation, desk.custody, desk.actor, now=desk.now())
    click.echo(f"custodians {_ids(trust.custodians)}")
    click.echo(f"trust      version {trust.version}; {NEXT}")
    if roster is not None:
        click.echo(f"roster     version {roster.version}, signed by those who are custodians now")


def _record(desk: Desk, kind: CeremonyKind, keys: Iterable[bytes]) -> None:
    settle_register(desk.installation, desk.custody, desk.actor, kind, keys, now=desk.now())


def _ask(plan: Iterable[str], *, yes: bool) -> None:
    for line in plan:
        click.echo(line)
    if not yes:
        click.confirm("What leaves can not come back. Go on?", abort=True)


def _told(what: str, key_ids: Iterable[bytes]) -> list[str]:
    return [f"  {what:<7} {key_id.hex()}" for key_id in key_ids]


def _ids(key_ids: Collection[bytes]) -> str:
    return ", ".join(key_id.hex() for key_id in key_ids)


rotation_commands = (key_rotate_root, key_rotate_custodian, key_rotate_status, key_rotate_publication)
