"""Files are made of the token that the register has for this number and entry, and of no other."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from registry.certificate.tables import Entry
from registry.holder.errors import TokenUnusable
from registry.holder.files import holder_files
from tests.registry.world import PROFILE


def another_number(world):
    numbers = world.issued(*world.rows(2))
    world.tamper(update(Entry).where(Entry.entry == 1).values(token=world.entry(2).token))
    return numbers[0]


def the_version_before(world):
    person = world.row(1)
    (number,) = world.issued(person)
    world.issued({**person, "name": "李肆", "corrects": number, "reason": "姓名有误"})
    world.tamper(update(Entry).where(Entry.entry == 2).values(token=world.entry(1).token))
    return number


def a_profile_that_nobody_knows(world):
    (number,) = world.issued(world.row(1))
    world.trust = replace(world.trust, profiles={PROFILE.code + 1: PROFILE.layout})
    return number


def no_token(world):
    (number,) = world.issued(world.row(1))
    world.tamper(update(Entry).values(token=b"not a token"))
    return number


@pytest.mark.parametrize("wrong", [another_number, the_version_before, a_profile_that_nobody_knows, no_token])
def test_no_files_are_made_of_a_token_that_is_not_this_certificates(world, wrong):
    number = wrong(world)
    # Nothing else of an installation is looked at before the token is verified.
    installation = SimpleNamespace(sessions=world.sessions)

    with pytest.raises(TokenUnusable) as refusal:
        holder_files(installation, None, world.trust, number)

    assert (refusal.value.number, refusal.value.by_distrust) == (number, False)
