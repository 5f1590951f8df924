"""``certreg restore``, ``state-highest``, ``readmit``."""

from collections.abc import Mapping
from pathlib import Path

import click
from sqlalchemy.orm import Session

from keys.errors import KeysError
from registry.backup.errors import NotReadmitted
from registry.backup.gaps import gaps
from registry.backup.log_restoration import LogRestored
from registry.backup.outside import Outside, Stated
from registry.backup.raising import Raised
from registry.backup.readmission import open_returned, readmit, sign_again
from registry.backup.restoration import Conditions, restore
from registry.backup.stating import state_highest
from registry.certificate.tables import Entry
from registry.directory.profiles import load_profiles
from registry.operator.backup_commands import FOLDER, counts, identity_option, open_folder
from registry.operator.desk import Desk, actor_of
from registry.operator.errors import NotFounded
from registry.operator.last_check import forget_last_check
from registry.operator.log_report import readmitted_lines
from registry.operator.outside_knowledge import keep_outside, outside_knowledge
from registry.operator.progress import progress
from registry.operator.restored_check import restored_faults

KNOWN = {
    "signer": "the signer's journal",
    "public": "the public status",
    "stated": "the operator's word",
    "log": "the public log",
}


class HighestSerial(click.ParamType[tuple[str, int]]):
    """A series with the highest serial that was given in it, ``SERIES=N``."""

    name = "series"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return the series' key and the serial."""
        key, _, serial = value.rpartition("=")
        if not key or not (serial.isascii() and serial.isdecimal() and len(serial) < 10):
            self.fail(f"{value!r}: write SERIES=N, such as 1:S:0002:21:000002:26:1=350", param, ctx)
        return key, int(serial)


status_option = click.option(
    "--status",
    "copies",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of the status file from elsewhere, if it is newer than the public folder's.",
)
never_published_option = click.option(
    "--never-published", is_flag=True, help="Say that no status file was ever published."
)


@click.command("restore")
@click.argument("folder", type=FOLDER)
@click.option("--manifest", help="Which backup; the newest if left out.")
@identity_option
@status_option
@never_published_option
@click.option("--highest-entry", default=0, type=click.IntRange(0), help="Highest entry ever given.")
@click.option("--highest", "serials", multiple=True, type=HighestSerial(), help="SERIES=N; repeatable.")
@click.option(
    "--despite-findings", is_flag=True, help="Restore although the check finds faults; they are told."
)
@click.pass_obj
def restore_command(
    desk: Desk,
    folder: Path,
    manifest: str | None,
    identity: Path | None,
    copies: tuple[Path, ...],
    never_published: bool,
    highest_entry: int,
    serials: tuple[tuple[str, int], ...],
    despite_findings: bool,
) -> None:
    """Restore a register to where none is.

    From FOLDER to the place that CERTREG_DATABASE_URL names. Everything is checked before it stands there; numbers go
    on above the highest that database, signer's journal, public status or operator know.
    """
    place = open_folder(desk, folder, identity=identity)
    name = manifest or place.newest()
    outside = outside_knowledge(
        desk.custody,
        copies=copies,
        stated=Stated(entry=highest_entry, serials=dict(serials)),
        never_published=never_published,
    )
    conditions = Conditions(
        environment=desk.settings.environment,
        acting=lambda session: actor_of(session, desk.account),
        outside=outside,
        profiles=load_profiles(),
        check=lambda session: _faults(desk, session, tolerated=despite_findings),
        now=desk.now(),
        before_commit=lambda session, raised: keep_outside(desk.custody, outside, session, raised),
    )
    with progress("restoring and checking", 2 * place.manifest(name).rows) as advance:
        done = restore(desk.settings.database_url, place, name, conditions, progress=advance)
    click.echo(f"restored: {name}, {counts(done.manifest)}")
    _tell_log(done.log)
    _tell_raised(done.raised)
    _sign_again(desk)
    forget_last_check(desk, before="restore")
    click.echo(
        "next: certreg readmit FILE... (tokens that others still have), certreg check, certreg publish"
    )
    click.echo("keys, secrets and the signer's journal are in no backup; they are as they were here")


@click.command("state-highest")
@click.option(
    "--entry", required=True, type=click.IntRange(1), help="Highest entry (登记序号) that was ever given."
)
@click.option("--series", "serials", multiple=True, type=HighestSerial(), help="SERIES=N; repeatable.")
@status_option
@never_published_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def state_highest_command(
    desk: Desk,
    entry: int,
    serials: tuple[tuple[str, int], ...],
    copies: tuple[Path, ...],
    never_published: bool,
    yes: bool,
) -> None:
    """State the highest numbers after a restore.

    Needed where neither the signer's journal nor the public files told them. What lies between is voided, on the
    record; a number that was given and is not covered would be given again.
    """
    installation, actor, now = desk.installation, desk.actor, desk.now()
    outside = outside_knowledge(
        desk.custody,
        copies=copies,
        stated=Stated(entry=entry, serials=dict(serials)),
        never_published=never_published,
    )
    _confirm(desk, outside, asked=not yes)

    def act(session: Session) -> Raised:
        environment = desk.settings.environment
        raised = state_highest(
            session, actor, outside, installation.profiles, environment=environment, now=now
        )
        # Numbering is free with the commit; the signer must know before it what it may not sign again.
        keep_outside(desk.custody, outside, session, raised)
        return raised

    _tell_raised(installation.sessions.run(act))
    _sign_again(desk)


@click.command("readmit")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def readmit_command(desk: Desk, files: tuple[Path, ...]) -> None:
    """Take tokens back that were lost with a database.

    FILES are token files (token.cbor) that a body or a holder kept; one that was not lost is told, and is no fault.
    Tokens whose bytes are known are made again by the signer, with or without FILES.
    """
    _sign_again(desk)
    known = {signed.entry: signed.digest for signed in desk.custody.journal.entries()}
    refused = 0
    for path in files:
        try:
            _readmit(desk, path, known)
        except NotReadmitted as refusal:
            refused += 1
            click.echo(f"{path}: {refusal}", err=True)
    if refused:
        raise click.exceptions.Exit(1)


def _readmit(desk: Desk, path: Path, known: Mapping[int, bytes]) -> None:
    returned, now = open_returned(path.read_bytes(), desk.custody.trust), desk.now()
    digest = known.get(returned.statement.entry)

    def act(session: Session) -> str:
        # Whoever hands in all tokens of a body hands in some that came through, which is nobody's fault.
        known = session.get(Entry, returned.statement.entry)
        if known is not None and known.token == returned.token:
            return f"entry {known.entry} was not lost"
        entry = readmit(
            session,
            desk.actor,
            returned,
            desk.installation.profiles,
            signed_digest=digest,
            environment=desk.settings.environment,
            now=now,
        )
        return f"entry {entry.entry} is readmitted"

    click.echo(f"{path}: {desk.installation.sessions.run(act)}")


def _faults(desk: Desk, session: Session, *, tolerated: bool) -> list[str]:
    """Check the restored register before it stands; faults that are tolerated are told all the same."""
    faults = restored_faults(session, desk.custody)
    if not tolerated:
        return faults
    for fault in faults:
        click.echo(f"found by the check: {fault}", err=True)
    return []


def _confirm(desk: Desk, outside: Outside, *, asked: bool) -> None:
    """Tell how many numbers will be used up, and ask; words that can not be true are refused before."""
    installation, stated = desk.installation, outside.stated
    found = installation.sessions.read(
        lambda session: gaps(session, stated, installation.profiles, trust=outside.trust)
    )
    click.echo(f"up to entry (登记序号) {stated.entry}: at most {found.entries} in between will be void")
    for key, count in found.serials.items():
        click.echo(f"series {key} up to {stated.serials[key]}: at most {count} numbers will never be used")
    if asked:
        click.confirm("This can not be undone. Go on?", abort=True)


def _tell_log(log: LogRestored | None) -> None:
    if log is None:
        return
    if log.readmitted is not None:
        for line in readmitted_lines(log.readmitted, log.moved, len(log.still_suspended)):
            click.echo(line)
    if log.behind is not None:
        click.echo(f"the register only reads: {log.behind}", err=True)


def _tell_raised(raised: Raised) -> None:
    if raised.last > raised.last_before:
        click.echo(f"entries (登记序号) raised from {raised.last_before} to {raised.last}:")
    for (status, known), count in raised.lost.items():
        click.echo(f"    {count} were lost and are {status} now, as {KNOWN[known]} says")
    if raised.rejoined:
        click.echo(f"    {raised.rejoined} of them were made again byte for byte from their results")
    for (before, after), count in raised.moved.items():
        click.echo(f"    {count} follow the public status: {before} → {after}")
    for key, serial in raised.series.items():
        click.echo(f"    series {key} raised to {serial}")
    if raised.held_because:
        click.echo(f"numbering is held: {raised.held_because}", err=True)


def _sign_again(desk: Desk) -> None:
    """Make lost tokens again where their bytes are known; a key that is not at hand is told, and waits."""
    made, now = 0, desk.now()
    try:
        signers = desk.custody.certificate_signers()
        while count := sign_again(desk.installation.sessions, desk.actor, signers, now=now):
            made += count
    except (KeysError, NotFounded) as error:
        click.echo(f"not signed again: {error}; run `certreg readmit` once the keys are here", err=True)
    if made:
        click.echo(f"signed again: {made} certificates")


restore_commands = (restore_command, state_highest_command, readmit_command)
