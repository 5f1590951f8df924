"""A dump of the database names no ID number, neither in a column nor in the file handed in."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from registry.assessment.reading import WORKBOOK_MEDIA_TYPE
from registry.assessment.tables import Submission
from registry.assessment.template import write_workbook
from registry.intake.submission import HandedIn, claim_for
from registry.personal_data import SealBroken
from tests.registry.assessment import submissions
from tests.registry.world import BODY, PROVINCE, SITES


def everything(engine):
    """Return every value of every table, as bytes; of an SQLite register the file itself, with its log."""
    with engine.connect() as connection:
        values = [
            value
            for table in inspect(connection).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
            for value in row
        ]
    dump = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database)
        files = [file, file.with_name(file.name + "-wal")]
        dump += b"".join(path.read_bytes() for path in files if path.exists())
    return dump


def test_no_id_number_is_in_the_database_after_the_whole_road(world, engine):
    rows = [world.row(1, name="赫连金丝雀"), world.row(2, id_type="passport", id_number="E99887766")]
    numbers = world.issued(*rows)
    world.issued({**rows[0], "name": "赫连金丝", "corrects": numbers[0], "reason": "姓名有误"})
    senior = {**rows[0], "level": "senior"}
    workbook = write_workbook(submissions.form(senior, issuer=BODY, site=SITES[BODY], province=PROVINCE))
    claim = claim_for(workbook, WORKBOOK_MEDIA_TYPE, issuer=BODY).to_bytes()
    world.submit(HandedIn(workbook, WORKBOOK_MEDIA_TYPE, world.signed(workbook, claim=claim).signature))

    dump = everything(engine)

    for row in rows:
        number = row["id_number"].encode()
        assert number not in dump
        assert number[:14] not in dump
        assert number.hex().encode() not in dump
    # Names are allowed, and show that the search would have found something.
    assert "赫连金丝雀".encode() in dump
    assert numbers[0].encode() in dump
    assert b"certreg-submission" not in dump
    assert workbook[:64] not in dump


def test_the_file_handed_in_opens_at_its_own_submission_only(world):
    first, second = world.submitted(), world.submitted()
    sealed = world.sessions.read(
        lambda session: dict(session.execute(select(Submission.id, Submission.sealed_content)).all())
    )

    world.personal.sealer.open(sealed[first], place=f"submission:{first}")
    with pytest.raises(SealBroken):
        world.personal.sealer.open(sealed[first], place=f"submission:{second}")
