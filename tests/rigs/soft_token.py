"""A token of SoftHSM in a folder of its own, and OpenSC, which reads it beside us."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, OFFICERS_PIN = "8765-4321", "1234-5678"

_CONFIGURATION = """\
directories.tokendir = {tokens}
objectstore.backend = file
log.level = ERROR
slots.removable = false
"""


@dataclass(frozen=True)
class SoftToken:
    """One token; whoever uses it must have ``SOFTHSM2_CONF`` in its environment."""

    folder: Path
    label: str

    @property
    def configuration(self) -> Path:
        return self.folder / "softhsm2.conf"

    @property
    def tokens(self) -> Path:
        """The folder in which SoftHSM keeps its tokens."""
        return self.folder / "tokens"

    @property
    def environ(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.configuration)}

    @classmethod
    def create(cls, folder: Path, label: str = "certreg") -> "SoftToken":
        """Make SoftHSM's folder, and in it a token with a user's PIN."""
        token = cls(folder, label)
        token.tokens.mkdir(parents=True)
        token.configuration.write_text(_CONFIGURATION.format(tokens=token.tokens))
        token.add(label)
        return token

    def add(self, label: str) -> None:
        """Make one more token in the same folder."""
        self.run(
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            label,
            "--so-pin",
            OFFICERS_PIN,
            "--pin",
            PIN,
        )

    def draw(self) -> None:
        """Take the token away, as one pulls out a stick."""
        self.tokens.rename(self.folder / "drawn")

    def put_back(self) -> None:
        """Put it back."""
        (self.folder / "drawn").rename(self.tokens)

    def opensc(self, *arguments: str) -> str:
        """Return what ``pkcs11-tool``, logged in, says."""
        login = ("--token-label", self.label, "--login", "--pin", PIN)
        return self.run("pkcs11-tool", "--module", str(MODULE), *login, *arguments)

    def run(self, *command: str) -> str:
        """Run a program that shall find this token; return what it said."""
        done = subprocess.run(
            command,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
