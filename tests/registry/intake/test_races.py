"""Files that arrive at the same moment: what one brought, the others are told."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.orm import Session

from registry.assessment.errors import SubmissionRefused
from registry.assessment.tables import Result, Submission
from registry.database.engine import Limits, open_engine
from registry.database.sessions import Retry, Sessions
from registry.draft.author import wait_for_turn
from registry.journal.tables import Event
from tests.registry.world import BODY, OTHER_BODY, SITES, World


def at_once(*acts):
    """Run the acts in as many threads; return what each returned, or the refusal it raised."""

    def outcome(act):
        try:
            return act()
        except SubmissionRefused as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(outcome, acts))


def test_the_same_file_four_times_at_once_is_one_submission(world):
    handed_in = world.signed(world.file())
    before = world.count(Event)[0]

    receipts = at_once(*[lambda: world.submit(handed_in)] * 4)

    assert len({receipt.submission_id for receipt in receipts}) == 1
    assert sorted(receipt.repeated for receipt in receipts) == [False, True, True, True]
    assert world.count(Submission, Result, Event) == (1, 3, before + 1)


def test_one_person_in_four_files_at_once_is_taken_once(world):
    person = world.row(1)
    files = [
        world.signed(world.file({**person, "theory": f"{60 + place}"}, issuer=issuer), issuer=issuer)
        for place, issuer in enumerate([BODY, OTHER_BODY, BODY, OTHER_BODY])
    ]

    outcomes = at_once(*[lambda file=file: world.submit(file) for file in files])

    refusals = [outcome for outcome in outcomes if isinstance(outcome, SubmissionRefused)]
    assert len(refusals) == 3
    assert world.count(Submission, Result) == (1, 1)


def test_one_certificate_is_corrected_by_one_of_two_files_that_arrive_at_once(world):
    row = world.row(1)
    (number,) = world.issued(row)
    names = ("李肆", "李泗", "李駟", "李寺")
    files = [
        world.signed(world.file({**row, "name": name, "corrects": number, "reason": "姓名有误"}))
        for name in names
    ]

    outcomes = at_once(*[lambda file=file: world.submit(file) for file in files])

    assert sum(isinstance(outcome, SubmissionRefused) for outcome in outcomes) == 3
    assert world.count(Submission) == (2,)


def test_a_body_at_work_on_its_drafts_keeps_no_file_waiting(postgresql_register, tmp_path):
    # SQLite has one lock for all writers, whatever row they are at.
    engine = postgresql_register()
    world = World(Sessions(engine), tmp_path)
    files = [world.signed(world.file(issuer=issuer), issuer=issuer) for issuer in SITES]
    hurried = open_engine(engine.url, limits=Limits(lock_seconds=0.1))
    world.sessions = Sessions(hurried, retry=Retry(tries=1))

    with Session(engine) as at_work:
        for issuer in SITES:
            wait_for_turn(at_work, issuer)
        receipts = [world.submit(file) for file in files]

    hurried.dispose()
    engine.dispose()
    assert [receipt.repeated for receipt in receipts] == [False, False]
