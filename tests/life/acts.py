"""The acts of a life: each is asked of the register as its door would ask, and foretold from the notebook."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from registry.certificate.errors import EpochNotOpen
from registry.certificate.issuance import number_together
from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend, void
from registry.certificate.numbering import Scope
from registry.certificate.opening import open_series
from registry.certificate.release import release_signed
from registry.certificate.signature import sign_numbered
from registry.journal.sequencer import chain_events
from signing.cose import key_id
from signing.evidence import Step
from signing.statement import Level
from tests.life import foretold_acts, foretold_issuing, foretold_review
from tests.life.cast import RIGHT
from tests.life.desk import Desk, Refusal
from tests.life.notebook import LEVEL_DIGITS, STEPS, UNRELEASED, Epoch, Submission
from tests.life.sketches import pick
from tests.life.troubles import Trouble
from tests.life.writing import Writing
from tests.registry.world import BODY, ENVIRONMENT, PROVINCE, SITES, opening, private_key

ON_NUMBER = {"suspend": suspend, "reinstate": reinstate, "revoke": revoke}
UNKNOWN_NUMBER = "S0002210000022639999"


class Acts(Writing):
    """What everybody but the bodies can do at a desk."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.decisions: list[tuple[bytes, dict[int, str]]] = []

    # Review.

    def check_ids(self, submission: Submission, trouble: Trouble | None) -> None:
        """Compute the ID checks; if the computer dies over it, once more."""
        desk = self.desk

        def foretell() -> Any:
            return foretold_review.check_ids(self.book, submission)

        def act() -> None:
            desk.world.compute_id_checks(submission.id)

        # How many commits it takes is its own business, so only what the last try leaves behind is held against it.
        desk.try_in_vain(act, trouble)
        desk.perform("check_ids", foretell, act)

    def decide(
        self,
        submission: Submission,
        person: str,
        returned: Sequence[int],
        hours: int,
        trouble: Trouble | None,
    ) -> None:
        """Decide the awaited step, by the person's own key, as of so many hours ago."""
        under_review = [row.number for row in submission.under_review]
        reasons = {pick(under_review, place): "退回" for place in returned}
        world, now, signed_ago = self.desk.world, self.book.now, timedelta(hours=hours)
        key = self.desk.cast.deciders[person].key
        signed = world.decision(submission.id, reasons, key=key, now=now - signed_ago)
        before = len(submission.people)

        def act() -> tuple[object, ...]:
            recorded = world.record(signed, reasons, now=now)
            return str(recorded.step), recorded.confirmed, recorded.returned, str(recorded.status)

        self.desk.perform(
            "decide",
            lambda: foretold_review.decide(self.book, submission, person, reasons, signed_ago=signed_ago),
            act,
            trouble,
            idempotent=False,
        )
        if len(submission.people) > before:
            self.decisions.append((signed, reasons))

    def decide_again(self, which: int) -> None:
        """Record a decision that was recorded already."""
        signed, reasons = pick(self.decisions, which)
        self.desk.perform(
            "decide_again",
            lambda: foretold_review.decide_again(self.book),
            lambda: self.desk.world.record(signed, reasons, now=self.book.now),
        )

    def approve(self, submission: Submission, checking: Trouble | None, deciding: Trouble | None) -> None:
        """Let a submission be checked and confirmed by the right people; a trouble strikes the first of them."""
        if submission.status == "received":
            self.check_ids(submission, checking)
        while submission.status in STEPS and foretold_review.keys_count(self.book):
            self.decide(submission, RIGHT[submission.status], [], 0, deciding)
            deciding = None

    def approve_all(self) -> None:
        """Let everything be checked and confirmed by the right people."""
        for submission in self.book.submissions:
            self.approve(submission, None, None)

    def awaiting_decision(self) -> list[Submission]:
        """Return what waits for a decision; if nothing does, something new is handed in for it."""
        if not any(submission.status in STEPS for submission in self.book.submissions):
            self.hand_in([("senior", "new", None, 0, 0), ("junior", "failed", None, 0, 0)], BODY, None)
        for submission in self.book.submissions:
            if submission.status == "received":
                self.check_ids(submission, None)
        return [submission for submission in self.book.submissions if submission.status in STEPS]

    # Issuing.

    def number(self, submissions: Sequence[Submission], worker: int, trouble: Trouble | None) -> Any:
        """Number one batch of these submissions, as one worker."""
        desk, now = self.desk, self.book.now
        return desk.perform(
            "number",
            lambda: foretold_issuing.number(self.book, submissions),
            lambda: number_together(
                desk.sessions,
                desk.world.registrar,
                [submission.id for submission in submissions],
                desk.profile,
                environment=ENVIRONMENT,
                now=now,
                known_entries={"signer": desk.world.journal.last_entry()},
                memory=pick(desk.memories, worker),
            ),
            trouble,
        )

    def number_all(self, trouble: Trouble | None) -> None:
        """Number all that waits, each submission by itself, while entries are left; a trouble strikes the first."""
        for submission in self.book.submissions:
            while submission.waiting:
                got = self.number([submission], 0, trouble)
                trouble = None
                if isinstance(got, EpochNotOpen):
                    return
                if isinstance(got, Refusal):
                    break

    def sign(self, absent: int | None, tolerant: bool, worker: int, trouble: Trouble | None) -> None:
        """Sign what is numbered, as one worker, perhaps while the signer of one epoch is away: one that is needed."""
        desk, now = self.desk, self.book.now
        needed = {version.key_id for version in self.book.with_status("numbered")}
        missed = [epoch for epoch in self.book.epochs if epoch.key_id in needed] or self.book.epochs
        away = set() if absent is None else {pick(missed, absent).key_id}

        def act() -> int:
            signers = {key: signer for key, signer in desk.world.signers.items() if key not in away}
            return sign_numbered(
                desk.sessions,
                desk.world.registrar,
                signers,
                desk.profiles,
                environment=ENVIRONMENT,
                now=now,
                held_back={} if tolerant else None,
                memory=pick(desk.memories, worker),
            )

        desk.perform("sign", lambda: foretold_issuing.sign(self.book, away, tolerant=tolerant), act, trouble)

    def release(self, trouble: Trouble | None) -> None:
        """Release what is signed."""
        desk, now = self.desk, self.book.now
        desk.perform(
            "release",
            lambda: foretold_issuing.release(self.book),
            lambda: release_signed(desk.sessions, desk.world.registrar, desk.world.trust, now=now),
            trouble,
        )

    def chain(self, most: int, trouble: Trouble | None) -> None:
        """Give events their places."""
        desk = self.desk
        desk.perform(
            "chain",
            lambda: foretold_issuing.chain(self.book, most),
            lambda: chain_events(desk.sessions, most=most),
            trouble,
        )

    # The registrar.

    def void(self, which: int, permitted: bool, trouble: Trouble | None) -> None:
        """Void an entry that was not released, or one that was, or one that is not there."""
        unreleased = [version.entry for version in self.book.with_status(*UNRELEASED)]
        entry = pick([1, len(self.book.versions) + 1, *unreleased], which)
        self._move(
            "void",
            lambda: foretold_acts.void(self.book, entry, permitted=permitted),
            lambda session, actor: void(session, actor, entry, Reason.EXAM_FRAUD, now=self.book.now),
            permitted,
            trouble,
        )

    def on_number(self, act: str, which: int, permitted: bool, trouble: Trouble | None) -> None:
        """Suspend, reinstate or revoke a certificate, or one that is not there; reinstate mostly what can be."""
        held = self.book.with_status("suspended") if act == "reinstate" else []
        numbers = [UNKNOWN_NUMBER, *self.book.numbers(), *(version.number for version in held)]
        number = pick(numbers, which)
        self._move(
            act,
            lambda: foretold_acts.on_number(self.book, act, number, permitted=permitted),
            lambda session, actor: ON_NUMBER[act](
                session, actor, number, Reason.EXAM_FRAUD, now=self.book.now
            ),
            permitted,
            trouble,
        )

    def _move(self, name: str, foretell: Any, move: Any, permitted: bool, trouble: Trouble | None) -> None:
        desk = self.desk
        actor = self._actor(permitted)

        def act() -> tuple[object, ...]:
            change = desk.sessions.run(lambda session: move(session, actor))
            return change.entry, str(change.before), str(change.after)

        desk.perform(name, foretell, act, trouble, idempotent=False)

    def open_series(
        self, issuer: str, year: int, levels: Collection[str], permitted: bool, trouble: Trouble | None
    ) -> None:
        """Open series of a body for a year."""
        desk, actor = self.desk, self._actor(permitted)
        scopes = [Scope(issuer, PROVINCE, SITES[issuer], year, Level[level.upper()]) for level in levels]
        signed = [opening(scope, now=self.book.now) for scope in scopes]
        desk.perform(
            "open_series",
            lambda: foretold_acts.open_series(self.book, issuer, year, levels, permitted=permitted),
            lambda: desk.sessions.run(
                lambda session: [
                    open_series(
                        session, actor, desk.profile, each, environment=ENVIRONMENT, now=self.book.now
                    )
                    for each in signed
                ]
            ),
            trouble,
            idempotent=False,
        )

    def open_what_is_missing(self, last_on: date) -> None:
        """Open all series of the present year, and another block of entries if few are left."""
        for issuer in SITES:
            self.open_series(issuer, self.book.today.year, list(LEVEL_DIGITS), True, None)
        if self.book.epochs[-1].last - len(self.book.versions) < 5:
            self.open_epoch(15, last_on, None)

    def open_epoch(self, size: int, last_on: date, trouble: Trouble | None) -> None:
        """Open the next key's block."""
        first = self.book.epochs[-1].last + 1 if self.book.epochs else 1
        identifier = key_id(private_key(f"epoch {first}").public_key().public_bytes_raw())
        epoch = Epoch(identifier, first, first + size - 1, last_on)
        self.desk.perform(
            "open_epoch",
            lambda: foretold_acts.open_epoch(self.book, epoch),
            lambda: self.desk.world.open_epoch(first, epoch.last, last_on=last_on),
            trouble,
            idempotent=False,
        )

    def _actor(self, permitted: bool) -> Any:
        world = self.desk.world
        return world.registrar if permitted else world.reviewers[Step.OFFICE].actor
