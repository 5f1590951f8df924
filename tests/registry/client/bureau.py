"""A body's bureau: a folder with its keys, and the command ``certreg-client`` as its clerk types it."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from registry.client import Client, Transport, open_key
from registry.client.command.main import main
from tests.registry.operator.office import ISSUER, Office
from tests.registry.operator.serving import CERTREG, Served, free_ports

PASSPHRASE = "a passphrase that nobody guesses"
TWICE = f"{PASSPHRASE}\n{PASSPHRASE}\n"


@dataclass
class Bureau:
    """The folder, the settings of its command, and how it is used."""

    folder: Path
    url: str
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Set everything by the environment."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.environ = self.environ or {
            "CERTREG_CLIENT_URL": self.url,
            "CERTREG_CLIENT_ENVIRONMENT": "test",
            "CERTREG_CLIENT_ACCESS_KEY": str(self.key_file("access.pem")),
            "CERTREG_CLIENT_SUBMISSION_KEY": str(self.key_file("submission.age")),
            "CERTREG_CLIENT_ADMINISTRATION_KEY": str(self.key_file("administration.pem")),
            "HOME": str(self.folder),
        }

    def key_file(self, name: str) -> Path:
        return self.folder / "keys" / name

    def run(self, *words: object, code: int = 0, said: str | None = None, **environ: str) -> Result:
        """Run the command, which must end with this exit code."""
        typed = [str(word) for word in words]
        result = CliRunner().invoke(
            main, typed, env={**self.environ, **environ}, input=said, catch_exceptions=False
        )
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    def told(self, *words: object, **more: Any) -> dict[str, Any]:
        """Run the command with ``--json``; return what it told."""
        document: dict[str, Any] = json.loads(self.run(*words, "--json", **more).stdout)
        return document

    def client(self, **more: Any) -> Client:
        """Return the library, opened with the access key."""
        key = open_key(self.key_file("access.pem"), lambda _path: PASSPHRASE)
        return Client(Transport(self.url, key, "test", **more))


def admitted(office: Office, bureau: Bureau) -> Bureau:
    """Let a bureau in, as operator and administrator do: its first key by hand, the others over the API."""
    bureau.run("key", "new", bureau.key_file("administration.pem"))
    public = bureau.key_file("administration.pub.pem")
    role = f"body_administrator:{ISSUER}"
    office.done("account", "create", "administrator", "--role", role, "--public", public)
    return bureau


def register_keys(bureau: Bureau) -> None:
    """Make and register the keys for requests and for submissions."""
    bureau.run("key", "new", bureau.key_file("access.pem"))
    bureau.run("key", "register", bureau.key_file("access.pem"), "--purpose", "access")
    bureau.run("key", "new", bureau.key_file("submission.age"), said=TWICE)
    bureau.run(
        "key",
        "register",
        bureau.key_file("submission.age"),
        "--purpose",
        "submission",
        said=f"{PASSPHRASE}\n",
    )


class Register:
    """A register that can be stopped and started again at the same address, with or without a worker."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.ports = free_ports(2)
        self.url = f"http://127.0.0.1:{self.ports[0]}"
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, **environ: str) -> None:
        """Serve, and return when it answers."""
        staff, public = map(str, self.ports)
        process = self._run("serve", "--staff-port", staff, "--public-port", public, **environ)
        Served(process, *self.ports).wait_until_up()

    def work(self) -> None:
        """Let a worker begin."""
        self._run("work", "--every", "1")

    def stop(self) -> None:
        """End everything that runs."""
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            process.communicate(timeout=60)
        self._processes.clear()

    def _run(self, *words: str, **environ: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [CERTREG, *words],
            env={**os.environ, **self.office.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._processes.append(process)
        return process


@contextmanager
def running(office: Office, *, worker: bool = True, **environ: str) -> Iterator[Register]:
    """Serve a register, with a worker, until the block ends."""
    register = Register(office)
    try:
        register.start(**environ)
        if worker:
            register.work()
        yield register
    finally:
        register.stop()
