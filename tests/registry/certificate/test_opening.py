"""Opening a series: a registrar's signed word, once, and nobody else's."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from registry.certificate.errors import OpeningNotGenuine, SeriesNotOpen
from registry.certificate.numbering import Scope
from registry.certificate.opening import open_series, sign_opening
from registry.certificate.tables import Series
from registry.directory.errors import FieldMisfit
from registry.journal.tables import Event
from registry.people.accounts import Purpose
from registry.people.errors import KeyNotValid, NotPermitted, UnknownKey
from registry.people.permission import NATIONAL, Role
from signing.ed25519 import admit
from signing.evidence import Step
from signing.series import open_opening
from signing.statement import Level
from tests.instants import NOON
from tests.registry.world import (
    BODY,
    ENVIRONMENT,
    PROFILE,
    PROVINCE,
    REGISTRAR,
    SITES,
    holder_key,
    opening,
)

SCOPE = Scope(BODY, PROVINCE, SITES[BODY], 2031, Level.SENIOR)


def opened(world, signed, *, actor=None, profile=PROFILE, environment=ENVIRONMENT):
    return world.sessions.run(
        lambda session: open_series(
            session, actor or world.registrar, profile, signed, environment=environment, now=NOON
        )
    )


def stored(world):
    return world.all(select(Series).where(Series.key == SCOPE.key(PROFILE)))


def test_a_series_is_opened_once_by_a_registrar(world):
    signed = opening(SCOPE)
    with pytest.raises(NotPermitted):
        opened(world, signed, actor=world.bodies[BODY].actor)
    before = world.count(Event)[0]

    assert (opened(world, signed), opened(world, signed)) == (True, False)

    assert world.count(Event) == (before + 1,)
    (series,) = stored(world)
    assert (series.issued, series.opened_by, series.opening) == (0, world.registrar.account_id, signed)
    said = open_opening(series.opening, admit(holder_key(REGISTRAR).public), ENVIRONMENT)
    assert (said.issuer, said.site, said.province, said.year, said.level) == (
        BODY,
        SITES[BODY],
        PROVINCE,
        2031,
        3,
    )


def test_a_series_that_a_restore_found_takes_numbers_again_when_it_was_opened(world):
    world.tamper(update(Series).values(opening=None))
    submission = world.reviewed()
    with pytest.raises(SeriesNotOpen):
        world.number(submission)

    for series in world.all(select(Series)):
        fields = dict(zip(PROFILE.series, series.key.split(":")[1:], strict=True))
        level = next(level for level, text in PROFILE.levels.items() if text == fields["level"])
        issuer = fields["category"] + fields["body"]
        assert opened(world, opening(Scope(issuer, PROVINCE, fields["site"], 2026, level)))

    assert (world.number(submission), world.sign(), world.release()) == (3, 3, 3)


def by_a_reviewer(world):
    return opening(SCOPE, key=world.reviewers[Step.OFFICE].key), KeyNotValid


def by_nobody(world):
    return opening(SCOPE, key=holder_key("nobody")), UnknownKey


def by_somebody_who_is_no_registrar(world):
    world.holder("not a registrar", (Role.OFFICE_REVIEWER, NATIONAL), purpose=Purpose.SERIES)
    return opening(SCOPE, key=holder_key("not a registrar")), NotPermitted


def altered(world):
    signed = opening(SCOPE)
    return signed[:-1] + bytes([signed[-1] ^ 1]), OpeningNotGenuine


def of_another_environment(world):
    signed = sign_opening(holder_key(REGISTRAR), PROFILE, SCOPE, environment="production", now=NOON)
    return signed, OpeningNotGenuine


def of_another_kind(world):
    return world.decision(world.checked(), key=holder_key(REGISTRAR)), OpeningNotGenuine


def cut_short(world):
    return opening(SCOPE)[:40], OpeningNotGenuine


@pytest.mark.parametrize(
    "wrong",
    [
        by_a_reviewer,
        by_nobody,
        by_somebody_who_is_no_registrar,
        altered,
        of_another_environment,
        of_another_kind,
        cut_short,
    ],
)
def test_an_opening_that_no_registrar_signed_opens_nothing(world, wrong):
    signed, error = wrong(world)

    with pytest.raises(error):
        opened(world, signed)

    assert stored(world) == []


def test_a_series_of_a_profile_that_gives_no_numbers_is_not_opened(world):
    other = replace(PROFILE, layout=replace(PROFILE.layout, code=9))

    with pytest.raises(OpeningNotGenuine, match="of profile"):
        opened(world, opening(SCOPE), profile=other)

    assert stored(world) == []


@pytest.mark.parametrize(
    "scope",
    [
        Scope("S02", PROVINCE, "000002", 2026, Level.SENIOR),
        Scope(BODY, "辽宁", "000002", 2026, Level.SENIOR),
        Scope(BODY, PROVINCE, "2", 2026, Level.SENIOR),
    ],
)
def test_a_scope_that_no_number_can_hold_can_not_be_signed(scope):
    with pytest.raises(FieldMisfit):
        opening(scope)
