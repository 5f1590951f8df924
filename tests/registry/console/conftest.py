"""The staff's pages over an empty register and over one in which everything happened."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from registry.assessment.tables import Result, Submission
from registry.certificate import lifecycle
from registry.certificate.lifecycle import Reason
from registry.people.tables import Account
from tests.instants import NOON, THAT_DAY
from tests.registry.assessment.submissions import resident_id
from tests.registry.staff_site import staff_site
from tests.registry.world import OTHER_BODY, World

HOSTILE = "<script>alert('x')</script>"


class FullWorld:
    """A world in which every page has something of everything to show."""

    def __init__(self, world: World) -> None:
        self.world = world
        rows = world.rows(4, level="senior")
        rows[3] |= {"theory": "59.5"}
        self.issued = world.checked(*rows)
        world.decide(self.issued, {2: f"照片不符 {HOSTILE}"})
        world.decide(self.issued)
        world.decide(self.issued)
        world.number(self.issued)
        world.sign()
        world.release()
        self.numbers = world.numbers(self.issued)
        self.corrected = world.reviewed(
            {
                **rows[0],
                "row": 1,
                "name": "张䶮",
                "corrects": self.numbers[0],
                "reason": f"姓名有误 {HOSTILE}",
            }
        )
        world.number(self.corrected)
        world.sign()
        world.release()
        world.sessions.run(
            lambda session: lifecycle.suspend(
                session, world.registrar, self.numbers[1], Reason.UNDER_INVESTIGATION, now=NOON
            )
        )
        self.waiting = world.checked(issuer=OTHER_BODY)
        long_ago = THAT_DAY - timedelta(days=70)
        self.late = world.submitted(
            world.row(1, theory="absent"),
            *world.rows(3)[1:],
            exam_started_on=str(long_ago - timedelta(days=1)),
            exam_ended_on=str(long_ago),
            late_reason=f"系统故障 {HOSTILE}",
        )
        world.tamper(
            update(Submission).where(Submission.id == self.waiting).values(province="37"),
            update(Result)
            .where(Result.submission_id == self.waiting, Result.row == 1)
            .values(holder_name=HOSTILE),
            update(Account).where(Account.name == "office").values(name=HOSTILE),
        )
        self.id_numbers = [resident_id(person) for person in range(1, 40)]


@pytest.fixture
def full(world: World) -> FullWorld:
    return FullWorld(world)


@pytest.fixture
def site(full: FullWorld, tmp_path: Path) -> FlaskClient:
    return staff_site(full.world, tmp_path).test_client()


@pytest.fixture
def empty_site(young_world: World, tmp_path: Path) -> FlaskClient:
    return staff_site(young_world, tmp_path).test_client()
