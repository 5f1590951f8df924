"""``certreg key found-log`` and ``witnesses``: the public log in the trust bundle. Each tells its plan, and asks."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from keys.note_keys import vkeys_path
from keys.roots import RootMedium
from registry.certificate.ceremonies import CeremonyKind
from registry.operator.ceremony import keep_trust, record_unfinished, settle_register
from registry.operator.custody import Custody
from registry.operator.desk import Desk
from registry.operator.log_founding import Witnesses, add_log, log_origin, with_witnesses
from registry.operator.media import (
    Sealing,
    passphrase_option,
    require_own_media,
    root_media_option,
    yes_option,
)
from signing.errors import Malformed, SigningError
from signing.log.checkpoint import WITNESS_KINDS, LogPolicy
from signing.log.note import NoteKey
from signing.trust import TrustKeys

OWN = "its own, on this machine: guards against mistakes, not against whoever runs this machine"


def witness_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--witness`` and ``--quorum``; it takes them together as ``witnesses``."""

    @click.option(
        "--witness",
        "files",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File with a witness's public keys; one for each. Without any, the register has its own witness.",
    )
    @click.option(
        "--quorum", type=click.IntRange(1), help="How many of them must sign; more than half unless said."
    )
    @wraps(command)
    def taking(*given: Any, files: tuple[Path, ...], quorum: int | None, **named: Any) -> Any:
        keys = tuple(map(_read, files))
        if quorum is not None and quorum > max(1, len(keys)):
            raise click.UsageError(f"{quorum} of {max(1, len(keys))} witnesses can not be had")
        return command(*given, witnesses=Witnesses(keys, quorum or len(keys) // 2 + 1), **named)

    return taking


@click.command("found-log")
@root_media_option("two")
@passphrase_option
@witness_options
@yes_option
@click.pass_obj
def key_found_log(
    desk: Desk, folders: tuple[Path, ...], passphrase: bool, witnesses: Witnesses, yes: bool
) -> None:
    """Found the public log of a register that has none.

    All that it ever did comes into the log first; from then on nothing is released before witnesses have signed.
    """
    custody = desk.custody
    if custody.trust.logs:
        raise click.UsageError(f"this register has its log: {custody.trust.logs[-1].origin}")
    require_own_media(*folders)
    _ask([f"log        {log_origin(desk.settings)} begins", *_planned(witnesses)], yes=yes)
    media = _media(desk, folders, passphrase)
    _keep(desk, media, add_log(custody, custody.trust, witnesses, now=desk.now()), CeremonyKind.FOUND_LOG)


@click.command("witnesses")
@root_media_option("two")
@passphrase_option
@witness_options
@yes_option
@click.pass_obj
def key_witnesses(
    desk: Desk, folders: tuple[Path, ...], passphrase: bool, witnesses: Witnesses, yes: bool
) -> None:
    """Take other witnesses for the public log.

    Those that are not named any more lose their word for all heads, past ones too.
    """
    custody = desk.custody
    if not custody.trust.logs:
        raise click.UsageError("this register has no public log; begin one with `certreg key found-log`")
    require_own_media(*folders)
    _ask([f"log        {custody.trust.logs[-1].origin} has other witnesses", *_planned(witnesses)], yes=yes)
    media = _media(desk, folders, passphrase)
    _keep(desk, media, with_witnesses(custody, custody.trust, witnesses), CeremonyKind.WITNESSES)


log_founding_commands = (key_found_log, key_witnesses)


def tell_log(log: LogPolicy, custody: Custody) -> None:
    """Say which log the trust bundle names, whose word it needs, and what its witnesses are to be given."""
    names = ", ".join(witness.name for witness in log.witnesses)
    click.echo(f"log        {log.origin}, heads signed by {log.quorum} of {len(log.witnesses)}: {names}")
    # The register's own witness was told of the log when it was made.
    click.echo(
        f"log keys   {vkeys_path(custody.log_keys_path)}: give it to the witness: certreg witness trust"
    )


def _media(desk: Desk, folders: tuple[Path, ...], passphrase: bool) -> list[RootMedium]:
    """Open the way to the media, once no other ceremony is unfinished."""
    media = Sealing(desk, passphrase).roots(folders)
    desk.custody.intents.require_none()
    record_unfinished(desk.installation, desk.custody, desk.actor, now=desk.now())
    return media


def _keep(desk: Desk, media: list[RootMedium], draft: TrustKeys, kind: CeremonyKind) -> None:
    trust = keep_trust(desk.custody, draft, desk.custody.trust, media, now=desk.now())
    settle_register(desk.installation, desk.custody, desk.actor, kind, (), now=desk.now())
    tell_log(trust.logs[-1], desk.custody)
    click.echo(f"trust      version {trust.version}; run `certreg publish` to show it to the public")


def _planned(witnesses: Witnesses) -> list[str]:
    if not witnesses.keys:
        return [f"witness    {OWN}"]
    named = [f"witness    {keys[0].name}" for keys in witnesses.keys]
    return [*named, f"quorum     {witnesses.quorum} of {len(named)}"]


def _read(path: Path) -> tuple[NoteKey, ...]:
    try:
        return _keys_of_one(path.read_text(encoding="utf-8"))
    except (SigningError, UnicodeDecodeError, OSError) as fault:
        raise click.UsageError(f"{path} does not hold a witness's public keys: {fault}") from None


def _keys_of_one(text: str) -> tuple[NoteKey, ...]:
    """Read the lines of one witness; one key will do, of either kind (C2SP tlog-cosignature)."""
    keys = tuple(map(NoteKey.parse, text.split()))
    if len({key.name for key in keys}) != 1 or any(key.kind not in WITNESS_KINDS for key in keys):
        raise Malformed("one line or more of one witness, each a key for cosignatures")
    return keys


def _ask(plan: list[str], *, yes: bool) -> None:
    for line in plan:
        click.echo(line)
    if not yes:
        click.confirm("Shall it be done?", abort=True)
