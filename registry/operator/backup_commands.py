"""``certreg backup`` and ``backups``."""

from collections.abc import Sequence
from pathlib import Path

import click

from keys.sealing import Identity
from registry.backup.folder import BackupFolder
from registry.backup.manifest import Manifest
from registry.backup.pruning import prune
from registry.backup.sealing import BackupSeal
from registry.backup.writing import back_up, rows_in, verify
from registry.operator.desk import Desk
from registry.operator.progress import progress
from registry.personal_data import read_secret

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
    with progress("备份并核验", 2 * sessions.read(rows_in)) as advance:
        done = back_up(sessions, place, environment=desk.settings.environment, now=desk.now, progress=advance)
    click.echo(f"已备份并核验：{done.name}，{counts(done.manifest)}，新写 {done.written} 块")
    if keep is not None:
        pruned = prune(place, keep=keep)
        click.echo(f"已清理旧备份 {len(pruned.backups)} 个，数据块 {pruned.chunks} 个")


def _verify(desk: Desk, place: BackupFolder, name: str) -> None:
    rows = place.manifest(name).rows
    with progress("核验", rows) as advance:
        manifest = verify(place, name, now=desk.now(), progress=advance)
    click.echo(f"核验无误：{name}，{counts(manifest)}")


def counts(manifest: Manifest) -> str:
    """Say how much a backup holds."""
    return f"登记序号 1–{manifest.entry}，共 {manifest.rows} 行，{len(manifest.chunks)} 块"


@click.command()
@click.argument("folder", type=FOLDER)
@identity_option
@click.pass_obj
def backups(desk: Desk, folder: Path, identity: Path | None) -> None:
    """List the backups in FOLDER, the oldest first."""
    place = open_folder(desk, folder, identity=identity)
    names = place.names()
    if not names:
        click.echo("没有备份。")
        return
    for name in names:
        manifest, verified = place.manifest(name), place.verified_at(name)
        told = f"{verified:%Y-%m-%d %H:%M}Z 核验" if verified else "未核验"
        click.echo(f"{name}  {manifest.made_at:%Y-%m-%d %H:%M}Z  {counts(manifest)}  {told}")
    click.echo(f"{len(names)} 个备份，占用 {place.size() / 1e6:.1f} MB")


def open_folder(
    desk: Desk, folder: Path, *, recipients: Sequence[str] = (), identity: Path | None = None
) -> BackupFolder:
    """Open a folder of backups with the register's own identity, or the one in a file."""
    opened = Identity.open(identity) if identity else desk.custody.identity
    data_key = read_secret(desk.settings.data_key_file)
    return BackupFolder(folder, BackupSeal(opened, data_key, recipients=recipients))


backup_commands = (backup_command, backups)
