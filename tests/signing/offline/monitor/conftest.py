"""A watcher's desk: a pinned root, a register with a public log, and a way to run ``certmonitor``."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from signing.log.leaf import LeafKind
from signing.offline.monitor.command import main
from tests.log_world import POLICY, Register, write_log
from tests.vectors import world
from tests.vectors.world import HOUR, NOW


@dataclass
class Desk:
    """``public`` holds trust bundle and log; ``watch`` runs the command and returns its exit code and JSON answer."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    register: Register = field(default_factory=Register)
    published: int = 0

    @property
    def public(self) -> Path:
        return self.folder / "public"

    @property
    def state(self) -> Path:
        return self.folder / "monitor.state"

    def trust(self, **changed: Any) -> None:
        """Write the trust bundle that names the log."""
        keys = world.trust_keys(**{"logs": (POLICY,)} | changed)
        path = self.public / "trust" / "keys.cbor"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(world.signed_file(keys.to_payload(), *world.ROOTS[:2]))

    def publish(self, *, at: datetime = NOW - HOUR, **how: Any) -> None:
        """Let the log be as the register's leaves are."""
        write_log(self.public / "log", self.register.leaves, at=at, after=self.published, **how)
        self.published = len(self.register.leaves)

    def run(self, *arguments: object, now: datetime = NOW) -> tuple[int, str, str]:
        """Run the command; return its exit code, output and errors."""
        given = ["--root", self.folder / "root.json", "--state", self.state, "--now", now.isoformat()]
        return self.main(self.public, *given, *arguments)

    def main(self, *arguments: object) -> tuple[int, str, str]:
        """Run the command with these arguments alone; return its exit code, output and errors."""
        code = main([str(argument) for argument in arguments])
        return code, *self.capsys.readouterr()

    def watch(self, *arguments: object, now: datetime = NOW) -> tuple[int, dict[str, Any]]:
        code, out, err = self.run("--json", *arguments, now=now)
        assert err == ""
        return code, json.loads(out)

    def found(self, *arguments: object, now: datetime = NOW) -> list[str]:
        """Run the command; return the codes of what it found. Nothing is in doubt, and the exit code agrees."""
        code, answer = self.watch(*arguments, now=now)
        assert answer["doubts"] == []
        assert code == (1 if answer["findings"] else 0)
        return [finding["code"] for finding in answer["findings"]]

    def hold(self, *entries: int) -> Path:
        """Put tokens into the body's folder, all of them unless entries are given; return it."""
        folder = self.folder / "tokens"
        for entry in entries or self.register.tokens:
            path = folder / str(entry) / "token.cbor"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.register.tokens[entry])
        return folder


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path, capsys)
    (tmp_path / "root.json").write_text(world.root().to_json())
    made.trust()
    return made


@pytest.fixture
def honest(desk: Desk) -> Desk:
    """A register of two bodies that did everything that registers do; the log is old enough for every gap to be one."""
    register = desk.register
    first, second = register.open("S0001"), register.open("S0002")
    register.issue(first, count=300)
    register.ceremony()
    theirs = register.issue(second, count=30)
    register.correct(theirs[0])
    for entry in (5, 6):
        register.change(LeafKind.SUSPEND, entry)
    register.change(LeafKind.REINSTATE, 5)
    register.change(LeafKind.REVOKE, 6)
    register.change(LeafKind.REVOKE, 7)
    register.serials[first] += 1
    register.void(f"{first}{register.serials[first]:06}")
    register.void()
    register.void(entry=register.issue(first)[0])
    desk.publish()
    return desk
