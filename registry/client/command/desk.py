"""What every command works with: settings, the client, the keys, and the way to tell."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import click

from registry.client.client import Client
from registry.client.command.shown import Meter
from registry.client.errors import TryAgain
from registry.client.key_files import ClientKey, open_key
from registry.client.settings import Settings, load_settings
from registry.client.transport import PATIENCE_SECONDS, Transport

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Desk:
    """The desk of one clerk; ``as_json`` once ``--json`` was read."""

    environ: Mapping[str, str] = field(repr=False)
    as_json: bool = False
    _waiting: bool = field(default=False, init=False, repr=False)

    @cached_property
    def settings(self) -> Settings:
        """What was set."""
        return load_settings(self.environ)

    @cached_property
    def client(self) -> Client:
        """The client, opened with the access key."""
        return self.client_as("access")

    def client_as(self, purpose: str) -> Client:
        """Return a client opened with the key of a purpose."""
        key = self.key(purpose)
        settings = self.settings
        return Client(
            Transport(
                settings.url,
                key,
                settings.environment,
                settings.ca,
                settings.certificate,
                told=self._tell_of_waiting,
            )
        )

    def _tell_of_waiting(self, lost: TryAgain) -> None:
        """Tell a clerk once that nobody answers yet: a wrong address looks the same as a busy register."""
        if not self._waiting:
            self.note(f"{lost}，正在重试，最多 {PATIENCE_SECONDS:.0f} 秒；请核对地址，按 Ctrl-C 停止")
            self._waiting = True

    def key(self, purpose: str) -> ClientKey:
        """Open the key of a purpose, asking for its passphrase if it has one."""
        return open_key(self.settings.key(purpose), ask_passphrase)

    def tell(self, document: Any, lines: Iterable[str]) -> None:
        """Tell an outcome: to a program as JSON, to a clerk in words."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False))
            return
        for line in lines:
            click.echo(line)

    def note(self, text: str) -> None:
        """Tell a clerk something beside the outcome."""
        if not self.as_json:
            click.echo(text, err=True)

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        """Show how far something has come."""
        meter = Meter(silent=self.as_json)
        try:
            yield meter
        finally:
            meter.end()

    def now(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)


def json_option(command: Command) -> Command:
    """Let a command tell its outcome as JSON."""

    def remember(context: click.Context, _parameter: click.Parameter, chosen: bool) -> None:
        context.find_object(Desk).as_json = chosen  # type: ignore[union-attr]

    return click.option(
        "--json", is_flag=True, expose_value=False, callback=remember, help="以 JSON 输出结果，供程序读取。"
    )(command)


def ask_passphrase(path: Path) -> str:
    """Ask for the passphrase of a key file."""
    return str(click.prompt(f"{path.name} 的口令", hide_input=True, err=True))
