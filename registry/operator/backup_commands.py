"""``certreg backup`` and ``backups``."""

from collections.abc import Sequence
from pathlib import Path

import click

from keys.sealing import Identity
from registry.backup.folder import BackupFolder
from registry.backup.listing import backups_in
from registry.backup.manifest import Manifest
from registry.backup.pruning import prune
from registry.backup.sealing import BackupSeal
from registry.backup.writing import back_up, rows_in, verify
from registry.operator.desk import Desk
from registry.operator.instants import shown_at
from registry.operator.progress import progress
from registry.personal_data import read_secret

ODD = 1

FOLDER = click.Path(file_okay=False, path_type=Path)

identity_option = click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Identity file that opens the backup; the register's own if left out.",
)


@click.command("backup")
@click.argument("folder", type=FOLDER)
@click.option("--recipient", "recipients", multiple=True, help="age1… of a further identity, kept elsewhere.")
@click.option("--keep", type=click.IntRange(1), help="Remove older backups, but for so many that verified.")
@click.option("--verify", "only_verify", is_flag=True, help="Make none; read an old one back.")
@click.option("--manifest", help="Which one to verify; the newest if left out.")
@click.pass_obj
def backup_command(
    desk: Desk,
    folder: Path,
    recipients: tuple[str, ...],
    keep: int | None,
    only_verify: bool,
    manifest: str | None,
) -> None:
    """Back the database up, and read it back.

    To FOLDER, while the register works; killed, it is run again and goes on. Keys, secrets and the signer's journal are
    not in it.
    """
    place = open_folder(desk, folder, recipients=recipients)
    if only_verify or manifest:
        _verify(desk, place, manifest or place.newest())
        return
    desk.installation.require_secrets()
    sessions = desk.installation.sessions
    with progress("backing up and reading back", 2 * sessions.read(rows_in)) as advance:
        done = back_up(sessions, place, environment=desk.settings.environment, now=desk.now, progress=advance)
    click.echo(f"backed up and read back: {done.name}, {counts(done.manifest)}, {done.written} of them new")
    if keep is not None:
        pruned = prune(place, keep=keep)
        click.echo(f"pruned: {len(pruned.backups)} older backups, {pruned.chunks} chunks")


def _verify(desk: Desk, place: BackupFolder, name: str) -> None:
    rows = place.manifest(name).rows
    with progress("reading back", rows) as advance:
        manifest = verify(place, name, now=desk.now(), progress=advance)
    click.echo(f"read back whole: {name}, {counts(manifest)}")


def counts(manifest: Manifest) -> str:
    """Say how much a backup holds."""
    return f"entries (登记序号) 1–{manifest.entry}, {manifest.rows} rows, {len(manifest.chunks)} chunks"


@click.command()
@click.argument("folder", type=FOLDER)
@identity_option
@click.pass_obj
def backups(desk: Desk, folder: Path, identity: Path | None) -> None:
    """List the backups in FOLDER, the oldest first.

    Something odd in it (a stranger's file, a manifest that does not open) is named, keeps none of the others from
    being listed, and makes the exit code 1.
    """
    place = open_folder(desk, folder, identity=identity)
    found, odd = backups_in(place)
    for each in found:
        made = f"made {shown_at(each.manifest.made_at)}"
        read = f"read back {shown_at(each.verified_at)}" if each.verified_at else "never read back"
        click.echo(f"{each.name}  {made}  {counts(each.manifest)}  {read}")
    click.echo(f"backups: {len(found)}, {place.size() / 1e6:.1f} MB" if found else "no backups")
    for oddity in odd:
        click.echo(f"odd: {oddity.name}: {oddity.why}", err=True)
    if odd:
        raise click.exceptions.Exit(ODD)


def open_folder(
    desk: Desk, folder: Path, *, recipients: Sequence[str] = (), identity: Path | None = None
) -> BackupFolder:
    """Open a folder of backups with the register's own identity, or the one in a file."""
    opened = Identity.open(identity) if identity else desk.custody.identity
    data_key = read_secret(desk.settings.data_key_file)
    return BackupFolder(folder, BackupSeal(opened, data_key, recipients=recipients))


backup_commands = (backup_command, backups)
