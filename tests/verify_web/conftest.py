"""A public tree of an invented register, and the public site over it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.publication.records import PublicRecord
from signing.cose import Kind
from signing.id_check import IdType
from signing.statement import Level
from tests.distribution.repository import around, write
from tests.vectors import world
from verify_web.app import create_app

NUMBER = "S000123000001263000001"
ID_NUMBER = "11010519491231002X"


def public_record(**changed: object) -> PublicRecord:
    """Return an ordinary record of the register, with some fields changed."""
    ordinary: dict[str, object] = {
        "number": NUMBER,
        "holder_name": "张小明",
        "occupation": "大数据工程技术人员",
        "direction": None,
        "level": Level.SENIOR,
        "issuer": "工业和信息化部教育与考试中心",
        "issued_on": date(2026, 10, 20),
        "status": "released",
        "changed_on": None,
        "cause": None,
        "version": 1,
    }
    return PublicRecord(**ordinary | changed)  # type: ignore[arg-type]


@dataclass
class FakeLookup:
    """A look-up over a few records; remembers what it was asked."""

    records: list[PublicRecord] = field(default_factory=lambda: [public_record()])
    id_number: str = ID_NUMBER
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def by_number(self, number: str, name: str) -> PublicRecord | None:
        self.asked.append((number, name))
        return next((one for one in self.records if (one.number, one.holder_name) == (number, name)), None)

    def by_id(self, id_type: IdType, id_number: str, name: str) -> tuple[PublicRecord, ...]:
        self.asked.append((id_type, id_number, name))
        if (id_type, id_number) != (IdType.RESIDENT_ID, self.id_number):
            return ()
        return tuple(one for one in self.records if one.holder_name == name)

    def as_of(self) -> datetime:
        return datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def write_public_tree(folder: Path) -> Path:
    """Write the three signed files and their metadata; occupations and bodies have names of real length."""
    names = world.trust_names(
        issuers={(1, "S0001"): "工业和信息化部教育与考试中心"},
        occupations={(2, 2021011): "大数据工程技术人员"},
        directions={3: "大数据分析"},
    )
    roots = world.ROOTS[:2]
    files = {
        "trust/keys.cbor": world.signed_file(world.trust_keys().to_payload(), *roots),
        "trust/names.cbor": world.signed_file(
            names.to_payload(), *world.CUSTODIANS[1:], kind=Kind.TRUST_NAMES
        ),
        "status/status.cbor": world.STATUS.sign1(world.status().to_payload(), Kind.STATUS),
    }
    return write(folder, around(files, world.NOW))


@pytest.fixture
def public_dir(tmp_path: Path) -> Path:
    return write_public_tree(tmp_path / "public")


@pytest.fixture
def lookup() -> FakeLookup:
    return FakeLookup()


@pytest.fixture
def site(lookup: FakeLookup, public_dir: Path) -> Flask:
    return create_app(lookup, public_dir=public_dir, root=world.root(), now=lambda: world.NOW)


@pytest.fixture
def visitor(site: Flask) -> Iterator[FlaskClient]:
    with site.test_client() as client:
        yield client
