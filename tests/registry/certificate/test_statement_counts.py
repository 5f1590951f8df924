"""How much the database is asked: numbering, signing and release take the same number of statements for any batch."""

import pytest

from registry.certificate.issuance import number_approved
from tests.instants import NOON
from tests.registry.statements import counted
from tests.registry.world import ENVIRONMENT, PROFILE


def statements_for(world, engine, rows):
    submission = world.reviewed(*world.rows(rows))
    with counted(engine) as numbering:
        numbered = number_approved(
            world.sessions, world.registrar, submission, PROFILE, environment=ENVIRONMENT, now=NOON
        )
    with counted(engine) as signing:
        signed = world.sign()
    with counted(engine) as releasing:
        released = world.release()
    assert numbered == signed == released == rows
    # Whether the register may go on is asked once an act; on SQLite signing stores in a transaction of its own.
    asked = [sum("log_head.behind" in text for text in act) for act in (numbering, signing, releasing)]
    assert asked == [1, 2 if engine.dialect.name == "sqlite" else 1, 1]
    return len(numbering), len(signing), len(releasing)


def test_statements_do_not_grow_with_the_rows(world, engine):
    few, many = statements_for(world, engine, 20), statements_for(world, engine, 60)

    assert few == many
    assert max(many) <= 18


@pytest.mark.parametrize("rows", [2, 30])
def test_corrections_take_no_more_for_many_than_for_few(world, engine, rows):
    first = world.rows(rows)
    numbers = world.issued(*first)
    submission = world.reviewed(
        *({**row, "corrects": number, "reason": "更名"} for row, number in zip(first, numbers, strict=True))
    )

    with counted(engine) as numbering:
        world.number(submission)
    world.sign()
    with counted(engine) as releasing:
        assert world.release() == rows

    assert len(numbering) <= 20
    assert len(releasing) <= 10
