"""A verifier's desk: a pinned root, a copy of the public files, and a way to run ``certverify``."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from signing.cose import Kind
from signing.offline.command import main
from tests.vectors import world

NOW = world.NOW.isoformat()


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Certverify = Callable[..., Ended]


class FakeStandardInput:
    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def write_public(folder: Path, *, status: bytes | None = None) -> Path:
    """Write the public files of the invented register, in the layout of ``public/``."""
    (folder / "trust").mkdir(parents=True)
    (folder / "status").mkdir()
    keys = world.signed_file(world.trust_keys().to_payload(), *world.ROOTS[:2])
    names = world.signed_file(world.trust_names().to_payload(), *world.CUSTODIANS[1:], kind=Kind.TRUST_NAMES)
    (folder / "trust" / "keys.cbor").write_bytes(keys)
    (folder / "trust" / "names.cbor").write_bytes(names)
    (folder / "status" / "status.cbor").write_bytes(status or signed_status())
    return folder


def signed_status(**changed: object) -> bytes:
    return world.STATUS.sign1(world.status(**changed).to_payload(), Kind.STATUS)


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has nothing kept and speaks English."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return home


@pytest.fixture
def root_file(tmp_path: Path) -> Path:
    path = tmp_path / "trusted-root.json"
    path.write_text(world.root().to_json())
    return path


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return write_public(tmp_path / "public")


@pytest.fixture
def certverify(capsys: pytest.CaptureFixture[str]) -> Certverify:
    """Run the command as it stands, with nothing trusted unless the arguments say so."""

    def run(*arguments: object) -> Ended:
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return run


@pytest.fixture
def verify(certverify: Certverify, root_file: Path, public: Path) -> Certverify:
    """Run the command with the root, the public files and the instant of the invented register."""

    def run(*arguments: object) -> Ended:
        return certverify(*arguments, "--root", root_file, "--public", public, "--now", NOW)

    return run


@pytest.fixture
def token_file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(token: bytes, name: str = "token.cbor") -> Path:
        path = tmp_path / name
        path.write_bytes(token)
        return path

    return write
