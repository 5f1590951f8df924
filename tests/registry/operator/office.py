"""An operator's desk in a folder of its own, with the command as it is typed."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.civil_time import civil_date
from registry.installation import Installation, open_installation
from registry.operator.command import main
from registry.operator.desk import present
from registry.settings import load_settings
from tests.registry.assessment import submissions
from tests.registry.world import private_key

ISSUER, SITE, PROVINCE = "S0002", "000002", "21"
ROLES = {
    "body": f"submitter:{ISSUER}",
    "province": f"province_reviewer:CN-{PROVINCE}",
    "centre": "centre_reviewer:CN",
    "office": "office_reviewer:CN",
}


def today() -> date:
    """Return the civil date: the commands work by the clock, as their operator does."""
    return civil_date(present())


def environ_of(folder: Path, database_url: str | None = None) -> dict[str, str]:
    """Return settings that keep everything in one folder."""
    return {
        "CERTREG_DATABASE_URL": database_url or f"sqlite:///{folder}/register.sqlite3",
        "CERTREG_PUBLIC_DIR": str(folder / "public"),
        "CERTREG_KEYS_DIR": str(folder / "keys"),
        "CERTREG_WITNESS_DIR": str(folder / "witness"),
        "CERTREG_KEY_IDENTITY_FILE": str(folder / "secrets" / "identity.txt"),
        "CERTREG_DATA_KEY_FILE": str(folder / "secrets" / "data.key"),
        "CERTREG_LOOKUP_KEY_FILE": str(folder / "secrets" / "lookup.key"),
        "CERTREG_ROOT_FILE": str(folder / "trusted-root.json"),
        "CERTREG_ENVIRONMENT": "test",
    }


@dataclass
class Office:
    """A folder, its settings, and the command."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep everything in the folder unless the settings say otherwise."""
        self.environ = self.environ or environ_of(self.folder)

    def certreg(self, *arguments: object, **more: Any) -> Result:
        """Run the command as it is typed; what it raises beside its own refusals is raised here."""
        typed = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, typed, env=self.environ, catch_exceptions=False, **more)

    def done(self, *arguments: object, **more: Any) -> str:
        """Run the command, which must succeed; return what it said."""
        result = self.certreg(*arguments, **more)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *arguments: object, code: int = 1, **more: Any) -> str:
        """Run the command, which must be refused in words; return them."""
        result = self.certreg(*arguments, **more)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.output

    @property
    def installation(self) -> Installation:
        """The register, opened anew."""
        return open_installation(load_settings(self.environ))

    def key(self, name: str) -> Path:
        """Return where somebody's key lies."""
        return self.folder / "holders" / f"{name}.age"

    def media(self, count: int = 3) -> list[str]:
        """Return the options that name so many media."""
        return [part for place in range(count) for part in ("--medium", f"{self.folder}/media/root-{place}")]

    def custodians(self, *places: int) -> list[str]:
        """Return the options that name the custodians' media, the first two if no places are given."""
        folder = f"{self.folder}/media/custodian"
        return [part for place in places or (0, 1) for part in ("--custodian-medium", f"{folder}-{place}")]

    def found(self) -> None:
        """Found the register, its keys, its people and its series."""
        self.done("init")
        self.done("key", "found", *self.media(), *self.custodians())
        for name, role in ROLES.items():
            self.done("account", "create", name, "--role", role, "--key", self.key(name))
        self.sign_roster()
        self.open_series()

    def let_in(self, name: str) -> None:
        """Enrol an access key for an account of a body, made outside."""
        account = next(
            line.split()[0] for line in self.done("account", "list").splitlines() if f"  {name}  " in line
        )
        public = self.private_key("access").public_key().public_bytes_raw().hex()
        self.done("account", "enrol", account, "--purpose", "access", "--public", public)

    def private_key(self, name: str) -> Ed25519PrivateKey:
        """Return a key that its holder keeps outside the register."""
        return private_key(f"{name} of {self.folder.name}")

    def sign_roster(self) -> str:
        """Let two custodians sign in who was appointed."""
        return self.done("key", "roster", *self.custodians(), "--yes")

    def open_series(self) -> str:
        """Open this year's series."""
        scope = ("--issuer", ISSUER, "--province", PROVINCE, "--site", SITE)
        return self.done("series", "open", *scope, "--year", today().year)

    def results(self, *rows: Mapping[str, Any], name: str = "results.json", **changes: Any) -> Path:
        """Write a file of results; three new people if no rows are given."""
        ended = today() - timedelta(days=7)
        days = {"exam_started_on": str(ended - timedelta(days=1)), "exam_ended_on": str(ended)}
        form = submissions.form(*rows, **{**days, **changes})
        path = self.folder / name
        path.write_text(json.dumps(form, ensure_ascii=False), "utf-8")
        return path

    def submitted(
        self, *rows: Mapping[str, Any], by: str = "body", issuer: str = ISSUER, **changes: Any
    ) -> str:
        """Hand in results; return the submission's id."""
        path = self.results(*rows, issuer=issuer, **changes)
        return self.done("submit", path, "--issuer", issuer, "--key", self.key(by)).split()[1]

    def approved(self, *rows: Mapping[str, Any], **changes: Any) -> str:
        """Hand in results and confirm them three times."""
        submission = self.submitted(*rows, **changes)
        for name in ("province", "centre", "office"):
            self.done("review", submission, "--key", self.key(name), "--yes")
        return submission

    def copied_to(self, folder: Path) -> "Office":
        """Return a copy of the whole office in another folder."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Office(folder)
