"""An opening that the signer could count no number in, or another body's, opens nothing, whoever signed it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from registry.certificate.errors import OpeningNotGenuine
from registry.certificate.numbering import Scope
from registry.certificate.opening import open_series
from registry.certificate.tables import Series
from signing.cose import Envelope, Kind
from signing.series import SeriesOpening
from signing.statement import Level
from tests.instants import NOON
from tests.registry.world import BODY, ENVIRONMENT, PROFILE, PROVINCE, REGISTRAR, SITES, holder_key, opening

SCOPE = Scope(BODY, PROVINCE, SITES[BODY], 2031, Level.SENIOR)
HONEST = SeriesOpening.from_bytes(Envelope.from_bytes(opening(SCOPE)).payload)

WRONG_PARTS = {
    "in another order": HONEST.parts[::-1],
    "one less": HONEST.parts[1:],
    "one twice": (*HONEST.parts, HONEST.parts[0]),
    "the serial too": (*HONEST.parts, ("serial", "000001")),
    "none": (),
    "one that does not fit": (*HONEST.parts[:-1], ("level", "33")),
    "another body's": tuple({**dict(HONEST.parts), "body": "0001"}.items()),
    "another level's": tuple({**dict(HONEST.parts), "level": "2"}.items()),
    "another year's": tuple({**dict(HONEST.parts), "year": "32"}.items()),
    "one of no end": (*HONEST.parts[:-1], ("level", "3" * 500)),
}


@pytest.mark.parametrize("parts", WRONG_PARTS.values(), ids=WRONG_PARTS.keys())
def test_parts_that_are_not_the_numbers_fields_open_nothing(world, parts):
    payload = replace(HONEST, parts=parts).to_bytes()
    signed = holder_key(REGISTRAR).sign_claim(
        payload, kind=Kind.SERIES, environment=ENVIRONMENT, detached=False
    )
    before = world.count(Series)

    with pytest.raises(OpeningNotGenuine):
        world.sessions.run(
            lambda session: open_series(
                session, world.registrar, PROFILE, signed, environment=ENVIRONMENT, now=NOON
            )
        )

    assert world.count(Series) == before
    assert not world.all(select(Series).where(Series.key == SCOPE.key(PROFILE)))
