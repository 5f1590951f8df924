"""``certreg key close-epoch``, ``retire``, ``distrust``: how keys come to their end."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from keys.trust_changes import open_epochs
from registry.certificate.epochs import epoch_use
from registry.operator import distrust_account
from registry.operator.desk import Desk
from registry.operator.distrust import distrust_issuing_key, distrust_status_key, intent_of, survey
from registry.operator.errors import NotFounded
from registry.operator.intent import Intent
from registry.operator.media import Sealing, passphrase_option, require_own_media, root_media_option
from registry.operator.parameters import Entries, Instant, KeyId
from registry.operator.retirement import (
    Ended,
    close,
    replace_status_key,
    require_certificate_key,
    require_status_key,
)
from registry.operator.sitting import Sitting
from signing.cose import Kind

FC = TypeVar("FC", bound=Callable[..., Any])


def ceremony_options(command: FC) -> FC:
    """Add what every ceremony asks for: media with root keys, passphrases, and whether to ask before it begins."""
    options = (
        root_media_option("two"),
        passphrase_option,
        click.option("--yes", is_flag=True, help="Do not ask."),
    )
    return reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@click.command("close-epoch")
@click.argument("key_id", type=KeyId(), required=False)
@click.option("--next", "then_next", is_flag=True, help="Open the next epoch in the same trust bundle.")
@ceremony_options
@click.pass_obj
def key_close_epoch(
    desk: Desk,
    key_id: bytes | None,
    then_next: bool,
    folders: tuple[Path, ...],
    passphrase: bool,
    yes: bool,
) -> None:
    """Close an epoch, for good.

    That of the key KEYID, or of the oldest key that is open. Only when every number that it was given for is signed or
    voided. What the key signed stays good; its block ends with the last entry given. Killed anywhere, run it again.
    """
    trust = desk.custody.trust
    chosen = key_id or _unfinished(desk) or _oldest_open(desk)
    require_certificate_key(trust, chosen)
    use = desk.installation.sessions.read(lambda session: epoch_use(session, chosen))
    click.echo(
        f"Key {chosen.hex()}: {use.given} of its entries {use.first_entry}–{use.last_entry} are given, "
        f"{use.unsigned} wait for their signatures."
    )
    others = [epoch for epoch in open_epochs(trust) if epoch.key_id != chosen]
    _tell(
        (
            "What will be done:",
            "  1. The register closes the epoch: the key numbers nothing more.",
            f"  2. Root keys sign trust bundle {trust.version + 1}: what the key signed verifies, it signs no more.",
            "  3. The register is told, the ceremony recorded, trust bundle and status published.",
        )
    )
    if not (others or then_next):
        click.echo(
            "No other epoch is open: nothing is numbered until `certreg key open-epoch` (or give --next)."
        )
    _ask("Close it? It can not be opened again.", yes=yes)
    ended = close(_sitting(desk, folders, passphrase=passphrase), chosen, then_next=then_next)
    _told(ended)


@click.command("retire")
@click.argument("key_id", type=KeyId())
@click.option(
    "--replace", "then_next", is_flag=True, help="Make another status key in the same trust bundle."
)
@ceremony_options
@click.pass_obj
def key_retire(
    desk: Desk, key_id: bytes, then_next: bool, folders: tuple[Path, ...], passphrase: bool, yes: bool
) -> None:
    """Retire the status key KEYID, for good.

    It signs no more; what it signed still verifies. An issuing key retires when its epoch is closed. Killed anywhere,
    run it again.
    """
    trust = desk.custody.trust
    require_status_key(trust, key_id)
    _tell(
        (
            "What will be done:",
            "  1. A new status key is made." if then_next else "  1. Another status key takes over.",
            f"  2. Root keys sign trust bundle {trust.version + 1}: key {key_id.hex()} signs no more.",
            "  3. The register is told, the ceremony recorded, trust bundle and status published.",
        )
    )
    _ask("Retire it? It can not come back.", yes=yes)
    sitting = _sitting(desk, folders, passphrase=passphrase)
    _told(replace_status_key(sitting, key_id, then_next=then_next))


@click.command("distrust")
@click.argument("key_id", type=KeyId())
@click.option(
    "--compromised",
    is_flag=True,
    required=True,
    help="Say that others may have it; there is no other reason.",
)
@click.option(
    "--alarm",
    type=Instant(),
    help="Since when it may have been in other hands, such as 2026-11-21T09:30:00+08:00.",
)
@click.option(
    "--also",
    multiple=True,
    type=Entries(),
    help="Entries released after the alarm that you vouch for: one, FIRST-LAST, or a file of such lines.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what happens to each entry that is not kept.",
)
@ceremony_options
@click.pass_obj
def key_distrust(
    desk: Desk,
    key_id: bytes,
    compromised: bool,
    alarm: datetime | None,
    also: tuple[tuple[int, ...], ...],
    report: Path | None,
    folders: tuple[Path, ...],
    passphrase: bool,
    yes: bool,
) -> None:
    """Distrust the stolen key KEYID, for good.

    Says first what it will do and what it costs. An issuing key vouches from then on for its honest list alone: what
    was released before the alarm. The next key takes over in the same ceremony, and all of it is published. Killed
    anywhere, run it again.
    """
    vouched = sorted({entry for entries in also for entry in entries})
    intent = intent_of(desk.custody, key_id, alarm=alarm, vouched=vouched, now=desk.now())
    issuing = desk.custody.trust.key(key_id).kind == Kind.CERTIFICATE
    dead = key_id in desk.custody.trust.tombstones
    if dead:
        click.echo(f"Key {key_id.hex()} is distrusted since the run before; what is left is done now.")
    elif issuing:
        _explain_issuing(desk, intent, report)
    else:
        makes = not [other for other in desk.custody.usable_status_keys() if other != key_id]
        _tell(distrust_account.status_account(desk.custody.trust, key_id, makes_another=makes))
    if not dead:
        _ask(f"Distrust key {key_id.hex()} for ever?", yes=yes)
    sitting = _sitting(desk, folders, passphrase=passphrase)
    ended = distrust_issuing_key(sitting, intent) if issuing else distrust_status_key(sitting, intent)
    if issuing:
        click.echo(f"honest     {len(ended.trust.honest[key_id])} tokens stay what they are")
    _told(ended)
    if issuing:
        click.echo(
            "next       `certreg issue` numbers what is waiting; `certreg check --full` tells what is left to do"
        )


def _explain_issuing(desk: Desk, intent: Intent, report: Path | None) -> None:
    alarm = intent.alarm or intent.begun_at
    found = survey(desk.installation, desk.custody, intent.key_id, alarm=alarm, vouched=intent.vouched)
    _tell(distrust_account.issuing_account(found, desk.custody.trust, alarm=alarm))
    if report is not None:
        report.write_text("".join(f"{line}\n" for line in distrust_account.report_lines(found)), "utf-8")
        click.echo(f"Each entry that is not kept: {report}")


def _unfinished(desk: Desk) -> bytes | None:
    current = desk.custody.intents.current()
    return None if current is None else current.key_id


def _oldest_open(desk: Desk) -> bytes:
    epochs = open_epochs(desk.custody.trust)
    if not epochs:
        raise NotFounded("open epoch", "open one with `certreg key open-epoch`")
    return epochs[0].key_id


def _sitting(desk: Desk, folders: Sequence[Path], *, passphrase: bool) -> Sitting:
    require_own_media(*folders)
    media = Sealing(desk, passphrase).roots(folders)
    return Sitting(desk.installation, desk.custody, desk.actor, media, desk.now())


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _ask(question: str, *, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True)


def _told(ended: Ended) -> None:
    click.echo(f"trust      version {ended.trust.version}, published with status {ended.status.version}")
    for epoch in open_epochs(ended.trust):
        click.echo(f"open       {epoch.key_id.hex()}, entries {epoch.first_entry}–{epoch.last_entry}")


key_end_commands = (key_close_epoch, key_retire, key_distrust)
