from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from registry.database.metadata import COLUMN_TYPES, NaiveInstant
from tests.instants import NOON


class Colour(StrEnum):
    RED = "red-ish"
    BLUE = "blue"


class ProbeBase(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Probe(ProbeBase):
    __tablename__ = "probe"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None]
    colour: Mapped[Colour | None]
    digest: Mapped[bytes | None]
    name: Mapped[str | None]
    size: Mapped[int | None]
    uuid: Mapped[UUID | None]


@pytest.fixture
def probes(engine):
    ProbeBase.metadata.create_all(engine)
    return engine


def kept(probes, **values):
    with Session(probes) as session:
        session.add(Probe(**values))
        session.commit()
    with Session(probes) as session:
        row = session.scalars(select(Probe)).one()
        return {name: getattr(row, name) for name in values}


VALUES = {
    "an instant": {"at": datetime(2026, 11, 20, 4, 0, 0, 123456, tzinfo=UTC)},
    "the last instant": {"at": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)},
    "an entry as high as they go": {"size": 2**32 - 1},
    "bytes that are no text": {"digest": bytes(range(256))},
    "a uuid": {"uuid": UUID("12345678-1234-4234-8234-123456789abc")},
    "rare characters": {"name": "张𬭸䶮㐁𠀉·买买提"},
    "a member of a closed set": {"colour": Colour.RED},
    "nothing": {"at": None, "colour": None, "digest": None, "name": None, "size": None, "uuid": None},
}


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES.keys())
def test_what_comes_out_is_what_went_in(probes, values):
    assert kept(probes, **values) == values


def test_an_instant_comes_out_in_utc(probes):
    at = kept(probes, at=NOON)["at"]

    assert at == NOON
    assert at.tzinfo is UTC


def test_an_instant_without_a_time_zone_is_refused(probes):
    with pytest.raises(StatementError) as refused:
        kept(probes, at=NOON.replace(tzinfo=None))

    assert isinstance(refused.value.orig, NaiveInstant)


def test_instants_are_ordered_and_compared_as_instants(probes):
    east, west = timezone(timedelta(hours=8)), timezone(timedelta(hours=-8))
    early = datetime(2026, 11, 20, 12, 0, tzinfo=east)
    late = datetime(2026, 11, 20, 1, 0, 0, 1, tzinfo=west)
    with probes.begin() as connection:
        connection.execute(insert(Probe), [{"at": late}, {"at": early}])
        in_order = connection.scalars(select(Probe.at).order_by(Probe.at)).all()
        after = connection.scalars(select(Probe.at).where(Probe.at > early)).all()

    assert in_order == [early, late]
    assert after == [late]


def test_a_closed_set_is_stored_by_its_values(probes):
    kept(probes, colour=Colour.RED)

    with probes.connect() as connection:
        assert connection.exec_driver_sql("SELECT colour FROM probe").scalar_one() == "red-ish"


def test_a_value_outside_the_closed_set_is_refused(probes):
    with pytest.raises(StatementError, match="green"):
        kept(probes, colour="green")
