"""``certreg key roster``: two custodians sign whose decisions and openings the signer counts."""

from pathlib import Path

import click

from registry.operator.ceremony import record_roster
from registry.operator.desk import Desk
from registry.operator.media import (
    Sealing,
    custodian_media_option,
    passphrase_option,
    require_own_media,
    yes_option,
)
from registry.operator.roster_ceremony import proposed_roster, renew_roster
from signing.roster import RosterEntry


@click.command("roster")
@custodian_media_option("two")
@passphrase_option
@yes_option
@click.pass_obj
def key_roster(desk: Desk, custodian_folders: tuple[Path, ...], passphrase: bool, yes: bool) -> None:
    """Sign whose decisions and openings the signer counts.

    Needed after a reviewer or registrar was appointed, a key of theirs was enrolled or revoked, or a custodian was
    replaced: the signer of certificates reads no database, and believes this roster.
    """
    require_own_media(*custodian_folders)
    change = proposed_roster(desk.installation, desk.custody)
    if change.previous is not None and not change.needed:
        # Killed before it was recorded, or made before rosters were.
        record_roster(desk.installation, desk.custody, desk.actor, now=desk.now())
        click.echo(f"the roster is as it was, version {change.previous.version}")
        return
    if change.previous is not None and not change.counts:
        told = "too few who signed it are custodians now"
        click.echo(f"version {change.previous.version} counts no longer: {told}")
    if change.doubted is not None:
        click.echo(
            f"the roster at {desk.custody.roster_home.path} is not one that custodians vouch for: {change.doubted}"
        )
        click.echo("every entry is shown as new; look at each")
    for sign, entries in (("+", change.added), ("-", change.removed)):
        for entry in entries:
            click.echo(f"  {sign} {_shown(entry)}")
    if not yes:
        click.confirm("Let two custodians sign this roster?", abort=True)
    media = Sealing(desk, passphrase).custodians(custodian_folders)
    roster = renew_roster(desk.installation, desk.custody, media, now=desk.now())
    record_roster(desk.installation, desk.custody, desk.actor, now=desk.now())
    if roster is not None:
        duties = len(roster.entries)
        click.echo(f"roster     version {roster.version}, {duties} duties; the signer takes it up by itself")


def _shown(entry: RosterEntry) -> str:
    until = f"until {entry.last_on}"
    if entry.revoked_at is not None:
        until = f"revoked {entry.revoked_at:%Y-%m-%d %H:%M}Z"
    return f"{entry.key_id.hex()}  {entry.duty:<9} {entry.jurisdiction:<6} {until}  {entry.person}"
