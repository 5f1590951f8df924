"""Any lawful order of acts, at random: what must hold after each of them holds."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from registry.assessment.errors import SubmissionRefused
from registry.assessment.status import AWAITED_STEP, SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.errors import CorrectionNotVoidable, UnlawfulTransition
from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend, void
from registry.certificate.tables import Certificate, Entry, EntryCounter, Series
from registry.database.sessions import Sessions
from registry.journal.tables import Event
from registry.publication.status_payload import compose_status
from signing.signed_bytes import statement_of_signed_bytes
from signing.token import open_token
from tests.instants import NOON
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY, World, serials

LEVELS = st.sampled_from(["junior", "intermediate", "senior"])
UNRELEASED = {"numbered", "signed", "void"}
ENTRY_ACTS = {"number", "sign", "release", "void", "suspend", "reinstate", "revoke", "supersede"}


class Life(RuleBasedStateMachine):
    """Bodies, reviewers, registrar and workers, each doing what he may, whenever he likes."""

    def __init__(self, new_world):
        super().__init__()
        self.new_world = new_world

    @initialize()
    def found(self):
        self.world = self.new_world()
        self.world.open_epoch(1, 7)
        self.world.open_epoch(8, 500)
        self.rows = {}
        self.hand_in(["junior", "intermediate", "senior"], False, BODY)
        self.approve_all()
        self.work()

    def submissions(self, *statuses):
        wanted = select(Submission.id).where(Submission.status.in_(statuses)).order_by(Submission.id)
        return self.world.all(wanted)

    @rule(
        levels=st.lists(LEVELS, min_size=1, max_size=3),
        failed=st.booleans(),
        issuer=st.sampled_from([BODY, OTHER_BODY]),
    )
    def hand_in(self, levels, failed, issuer):
        rows = [self.world.row(place, level=level) for place, level in enumerate(levels, 1)]
        if failed:
            rows[0]["theory"] = "30"
        submission = self.world.checked(*rows, issuer=issuer)
        self.rows |= {(submission, row["row"]): row for row in rows}

    @rule(data=st.data())
    def hand_in_a_correction(self, data):
        numbers = self.world.all(select(Certificate.number).order_by(Certificate.number))
        if not numbers:
            return
        number = data.draw(st.sampled_from(numbers))
        query = (
            select(Result)
            .join(Entry, Entry.result_id == Result.id)
            .join(Certificate, Certificate.id == Entry.certificate_id)
            .where(Certificate.number == number)
        )
        first = self.world.all(query)[0]
        row = self.rows[first.submission_id, first.row]
        corrected = {**row, "row": 1, "name": row["name"] + "子", "corrects": number, "reason": "姓名有误"}
        before = self.world.count(Submission, Result, Event)
        try:
            submission = self.world.checked(corrected, issuer=number[:5])
        except SubmissionRefused:
            assert self.world.count(Submission, Result, Event) == before
            return
        self.rows[submission, 1] = row

    @rule(data=st.data(), returning=st.booleans())
    def decide(self, data, returning):
        waiting = self.submissions(*AWAITED_STEP)
        if waiting:
            submission = data.draw(st.sampled_from(waiting))
            under_review = select(Result.row).where(
                Result.submission_id == submission, Result.returned_at_step.is_(None)
            )
            rows = self.world.all(under_review)
            self.world.decide(submission, {data.draw(st.sampled_from(rows)): "退回"} if returning else {})

    @rule()
    def approve_all(self):
        for submission in self.submissions(*AWAITED_STEP):
            while self.world.decide(submission).status is not SubmissionStatus.APPROVED:
                pass

    @rule()
    def work(self):
        self.number()
        self.sign()
        self.release()

    @rule()
    def number(self):
        for submission in self.submissions(SubmissionStatus.APPROVED):
            self.world.number(submission)

    @rule()
    def sign(self):
        self.world.sign()

    @rule()
    def release(self):
        self.world.release()

    @precondition(lambda self: self.world.count(Entry) > (0,))
    @rule(data=st.data(), what=st.sampled_from([suspend, reinstate, revoke]))
    def act(self, data, what):
        shown = (
            select(Certificate.number)
            .join(Entry, Entry.certificate_id == Certificate.id)
            .where(Entry.status.not_in(UNRELEASED))
            .order_by(Certificate.number)
        )
        numbers = self.world.all(shown)
        if numbers:
            number = data.draw(st.sampled_from(numbers))
            self.lawfully(what, number)

    @precondition(lambda self: self.world.count(Entry) > (0,))
    @rule(data=st.data())
    def void(self, data):
        waiting = [entry.entry for entry in self.world.entries() if entry.status in ("numbered", "signed")]
        if waiting:
            self.lawfully(void, data.draw(st.sampled_from(waiting)))

    def lawfully(self, what, subject):
        try:
            self.world.sessions.run(
                lambda session: what(session, self.world.registrar, subject, Reason.EXAM_FRAUD, now=NOON)
            )
        except (UnlawfulTransition, CorrectionNotVoidable):
            return

    @invariant()
    def numbers_have_no_gap_and_entries_neither(self):
        for series in self.world.all(select(Series)):
            numbers = self.world.all(select(Certificate.number).where(Certificate.series_key == series.key))
            assert sorted(serials(numbers)) == list(range(1, series.issued + 1))
        entries = [entry.entry for entry in self.world.entries()]
        assert entries == list(range(1, len(entries) + 1))
        assert self.world.all(select(EntryCounter.last)) == [len(entries)]

    @invariant()
    def each_certificate_has_at_most_one_version_in_force(self):
        versions = {}
        for entry in self.world.entries():
            versions.setdefault(entry.certificate_id, []).append(entry)
        for entries in versions.values():
            assert [entry.version for entry in entries] == list(range(1, len(entries) + 1))
            shown = [entry.status for entry in entries if entry.status not in UNRELEASED]
            assert shown[:-1] == ["superseded"] * len(shown[:-1])
            assert "superseded" not in shown[-1:]

    @invariant()
    def every_token_says_what_was_stored_and_nothing_passed_twice(self):
        people = Counter()
        results = {result.id: result for result in self.world.all(select(Result))}
        for entry in self.world.entries():
            statement = statement_of_signed_bytes(entry.to_be_signed)
            result = results[entry.result_id]
            assert result.passed
            assert (statement.holder_name, statement.entry) == (result.holder_name, entry.entry)
            if entry.token:
                assert open_token(entry.token, self.world.trust) == statement
            if entry.status in ("released", "suspended"):
                people[result.id_match, result.level] += 1
        assert set(people.values()) <= {1}

    @invariant()
    def the_status_file_is_what_the_register_is(self):
        status = self.world.sessions.read(
            lambda session: compose_status(
                session, environment=ENVIRONMENT, trust_keys_version=1, previous=0, now=NOON
            )
        )
        entries = self.world.entries()
        assert status.size == len(entries)
        released = {entry.entry for entry in entries if entry.status == "released"}
        assert released == set(range(1, status.size + 1)).difference(*status.sets)

    @invariant()
    def the_journal_tells_the_status_of_every_entry(self):
        last = {}
        for event in self.world.all(select(Event).where(Event.act.in_(ENTRY_ACTS)).order_by(Event.id)):
            run = range(event.first_entry, event.last_entry + 1)
            last |= dict.fromkeys(run, event.details.get("after", "numbered"))
        assert last == {entry.entry: entry.status for entry in self.world.entries()}


@pytest.mark.usefixtures("quick_id_checks")
def test_whatever_the_order_of_acts_nothing_is_lost_doubled_or_revived(sqlite_register, tmp_path_factory):
    engines = []

    def new_world():
        engines.append(sqlite_register())
        return World(Sessions(engines[-1]), tmp_path_factory.mktemp("life"))

    try:
        run_state_machine_as_test(
            lambda: Life(new_world),
            settings=settings(
                max_examples=6,
                stateful_step_count=20,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        for engine in engines:
            engine.dispose()
