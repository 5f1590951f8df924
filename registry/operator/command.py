"""The command ``certreg``: its subcommands in the order of use, and how a refusal reaches the operator."""

import errno
import gc
import os
import sys
from typing import Any
from uuid import UUID

import click

from keys.crash_points import arm_from
from keys.errors import KeysError
from registry.assessment.errors import SubmissionRefused
from registry.errors import RegistryError
from registry.operator.account_commands import account
from registry.operator.backup_commands import backup_commands
from registry.operator.certificate_commands import certificate_commands
from registry.operator.check_commands import check_commands
from registry.operator.demo_command import demo
from registry.operator.desk import Desk
from registry.operator.draft_commands import drafts
from registry.operator.key_commands import key
from registry.operator.key_end_commands import key_end_commands
from registry.operator.log_commands import log
from registry.operator.register_commands import register_commands
from registry.operator.request_commands import requests
from registry.operator.restore_commands import restore_commands
from registry.operator.serve_commands import serve
from registry.operator.signer_command import signer_command
from registry.operator.submission_commands import submission_commands
from registry.operator.withdrawal_command import withdraw_command
from registry.operator.witness_command import witness
from registry.operator.work_commands import work_commands
from registry.settings import PREFIX, load_settings
from signing.errors import SigningError

REFUSED = 1
CRASH_AT = PREFIX + "CRASH_AT"

COMMANDS: tuple[click.Command, ...] = (
    demo,
    *register_commands,
    account,
    key,
    *submission_commands,
    withdraw_command,
    drafts,
    *certificate_commands,
    requests,
    *work_commands,
    signer_command,
    witness,
    serve,
    *check_commands,
    log,
    *backup_commands,
    *restore_commands,
)


class Refusals(click.Group):
    """A group that answers refusals with their text and exit code 1, never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except SubmissionRefused as refused:
            click.echo(f"未接收：{len(refused.faults)} 处错误，未保存任何内容。", err=True)
            for fault in refused.faults:
                click.echo(f"  {fault.text}", err=True)
        except (RegistryError, KeysError, SigningError) as error:
            click.echo(f"certreg: {error}", err=True)
        except OSError as error:
            # A full disk or a folder of somebody else; a pipe that was closed is the library's to handle.
            if error.errno == errno.EPIPE:
                raise
            click.echo(f"certreg: {error}", err=True)
        sys.exit(REFUSED)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which one needs them, not of the alphabet."""
        return list(self.commands)


@click.group(cls=Refusals)
@click.option(
    "--as", "account", type=click.UUID, help="Account that acts; needed where several are registrars."
)
@click.pass_context
def main(context: click.Context, account: UUID | None) -> None:
    """Operate the register of 专业技术等级证书.

    The commands stand in the order of use: found a register (init, account, key, series), take results through
    review to certificates (submit, review, issue), act on certificates, keep it at work (work, health, serve), keep it
    whole (check, log, backup, restore). `certreg demo` shows it all.

    Settings come from the environment variables CERTREG_*; the README lists them.
    """
    if context.invoked_subcommand != "demo":
        settings = load_settings(os.environ)
        # For tests alone: refused where certificates are in earnest.
        arm_from(os.environ.get(CRASH_AT, ""), environment=settings.environment)
        context.obj = Desk(settings, account)
        context.call_on_close(context.obj.close)


for command in key_end_commands:
    key.add_command(command)
for command in COMMANDS:
    main.add_command(command)

# What is loaded by now is needed as long as the process lives. The collector would look through all of it again and
# again, which takes a tenth of the time of issuing.
gc.freeze()
