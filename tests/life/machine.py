"""One life: bodies, reviewers, registrar and workers, each doing what he may and what he may not, in any order.

What is drawn is small numbers; they pick from the notebook's own lists, so that a life can be told again.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.instants import SHANGHAI
from tests.life.acts import Acts
from tests.life.cast import DECIDERS, RIGHT, SUBMITS
from tests.life.desk import Desk, Tally
from tests.life.notebook import LEVEL_DIGITS
from tests.life.register_place import Place
from tests.life.sketches import CORRECTIONS, PICK, SKETCHES, pick
from tests.life.troubles import TROUBLES, Trouble
from tests.registry.world import BODY

EARLIEST, LATEST = datetime(2026, 11, 20, tzinfo=SHANGHAI), datetime(2028, 2, 1, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)
KEYS_LAST_ON = date(2028, 12, 31)

FORWARDS, BACKWARDS = map(timedelta, (1, 20, 45, 200)), map(timedelta, (-1, -30, -90))
EDGES = (
    datetime(year, 1, 1, tzinfo=zone) + offset
    for year in (2027, 2028)
    for zone in (SHANGHAI, UTC)
    for offset in (-SECOND, 0 * SECOND)
)
AFTER_ALL_KEYS = datetime(2029, 12, 1, tzinfo=SHANGHAI)
STRIDES = st.sampled_from([timedelta(hours=9), *FORWARDS, *BACKWARDS, *EDGES])
STRIDES_AWAY = st.sampled_from([-SECOND, timedelta()])
SIGNED_AGO = st.sampled_from([0, 0, 0, 0, 1, 25, -1])
LEVELS = st.sampled_from(list(LEVEL_DIGITS))
PERMITTED = st.sampled_from([True, True, True, True, True, False])
RARELY = st.sampled_from([False, False, False, False, True])
FLAG = st.booleans()


Road = dict[str, Trouble]
ROAD_ACTS = ("submit", "check", "decide", "number", "sign", "release")
ROADS: st.SearchStrategy[Road | None] = st.one_of(
    st.none(),
    st.just({}),
    st.sampled_from([{act: trouble} for act in ROAD_ACTS for trouble in TROUBLES[act]]),
)
"""Nowhere, or the whole road, or with a trouble at one act of it."""


def troubles(act: str) -> st.SearchStrategy[Any]:
    """Draw a trouble for an act, or none."""
    return st.one_of(st.none(), st.sampled_from(TROUBLES[act]))


class Life(RuleBasedStateMachine):
    """Any order of acts, with the comparison after each."""

    def __init__(self, place: Place, new_folder: Callable[[], Path], tally: Tally) -> None:
        super().__init__()
        self._place, self._new_folder, self._tally = place, new_folder, tally
        self.desk: Desk | None = None

    @initialize(narrow=st.sampled_from([False, False, True]))
    def found(self, narrow):
        self._tally.lives += 1
        self.desk = Desk(self._place, self._new_folder(), self._tally, digits=1 if narrow else 6)
        self.acts, self.book = Acts(self.desk), self.desk.book
        self.acts.open_epoch(11 if narrow else 7, KEYS_LAST_ON, None)
        # In a narrow register a series has nine numbers, and one of them is nearly used up from the beginning.
        levels = [*LEVEL_DIGITS, *["junior"] * 6 * narrow]
        self.acts.hand_in([(level, "new", None, 0, 0) for level in levels], BODY, None)
        self.go_on({})

    def teardown(self):
        if self.desk is not None:
            self.desk.end()

    # Bodies.

    @rule(sketches=SKETCHES, submitter=st.sampled_from(list(SUBMITS)), road=ROADS)
    def hand_in(self, sketches, submitter, road):
        self.acts.hand_in(sketches, submitter, (road or {}).get("submit"))
        self.go_on(road)

    @rule(corrections=CORRECTIONS, wrong_body=RARELY, road=ROADS)
    def hand_in_corrections(self, corrections, wrong_body, road):
        self.acts.hand_in_corrections(corrections, wrong_body, (road or {}).get("submit"))
        self.go_on(road)

    def go_on(self, road: Road | None) -> None:
        """Go the whole road with what was handed in last, into the trouble that lies there; or leave it for later."""
        if road is not None:
            self.acts.approve(self.book.submissions[-1], road.get("check"), road.get("decide"))
            self.acts.number_all(road.get("number"))
            self.acts.sign(None, True, 0, road.get("sign"))
            self.acts.release(road.get("release"))

    @rule(which=PICK, a_decision=FLAG, trouble=troubles("submit"))
    def hand_in_again(self, which, a_decision, trouble):
        if a_decision:
            self.acts.decide_again(which)
        else:
            self.acts.hand_in_file(pick(self.book.files, which), None, trouble)

    # Reviewers.

    @rule(
        which=PICK,
        person=st.one_of(st.none(), st.none(), st.sampled_from(DECIDERS)),
        returned=st.one_of(st.just([]), st.lists(PICK, min_size=1, max_size=2)),
        hours=SIGNED_AGO,
        trouble=troubles("decide"),
    )
    def decide(self, which, person, returned, hours, trouble):
        awaiting = self.acts.awaiting_decision()
        if awaiting:
            submission = pick(awaiting, which)
            self.acts.decide(submission, person or RIGHT[submission.status], returned, hours, trouble)

    # Workers.

    @precondition(lambda self: any(submission.waiting for submission in self.book.submissions))
    @rule(which=st.lists(PICK, min_size=1, max_size=3), worker=PICK, trouble=troubles("number"))
    def number(self, which, worker, trouble):
        waiting = [submission for submission in self.book.submissions if submission.waiting]
        chosen = list({id(found): found for found in (pick(waiting, place) for place in which)}.values())
        self.acts.number(chosen, worker, trouble)

    @rule(absent=st.one_of(st.none(), PICK), tolerant=FLAG, worker=PICK, trouble=troubles("sign"))
    def sign(self, absent, tolerant, worker, trouble):
        self.acts.approve_all()
        self.acts.number_all(None)
        self.acts.sign(absent, tolerant, worker, trouble)

    @precondition(lambda self: self.book.with_status("signed"))
    @rule(trouble=troubles("release"))
    def release(self, trouble):
        self.acts.release(trouble)

    @rule(most=st.sampled_from([1, 5, 1000]), trouble=troubles("chain"))
    def chain(self, most, trouble):
        self.acts.chain(most, trouble)

    # The registrar.

    @rule(
        which=PICK,
        act=st.sampled_from(["void", "suspend", "reinstate", "revoke"]),
        permitted=PERMITTED,
        trouble=troubles("act"),
    )
    def act(self, which, act, permitted, trouble):
        if act == "void":
            self.acts.number_all(None)
            self.acts.void(which, permitted, trouble)
        else:
            self.acts.on_number(act, which, permitted, trouble)

    @rule(
        issuer=st.sampled_from(["S0002", "S0003"]),
        levels=st.one_of(st.just(list(LEVEL_DIGITS)), st.lists(LEVELS, min_size=1, max_size=2, unique=True)),
        ahead=st.integers(0, 1),
        permitted=PERMITTED,
        trouble=troubles("open"),
    )
    def open_series(self, issuer, levels, ahead, permitted, trouble):
        self.acts.open_series(issuer, self.book.today.year + ahead, levels, permitted, trouble)

    @precondition(lambda self: self.book.epochs[-1].last - len(self.book.versions) < 10)
    @rule(size=st.integers(1, 20), ends_soon=st.sampled_from([False] * 9 + [True]), trouble=troubles("open"))
    def open_epoch(self, size, ends_soon, trouble):
        self.acts.open_epoch(size, date(2027, 1, 10) if ends_soon else KEYS_LAST_ON, trouble)

    # Machines and clocks.

    @rule(torn=FLAG)
    def restart(self, torn):
        self.desk.restart(torn=torn)

    @rule(stride=STRIDES, prepared=FLAG)
    def move_the_clock(self, stride, prepared):
        if isinstance(stride, datetime):
            self.book.now = stride
        else:
            self.book.now = min(max(self.book.now + stride, EARLIEST), LATEST)
        if prepared:
            self.acts.open_what_is_missing(KEYS_LAST_ON)

    @rule(sketches=SKETCHES, away=STRIDES_AWAY)
    def show_up_years_later(self, sketches, away):
        present = self.book.now
        self.book.now = AFTER_ALL_KEYS + away
        self.acts.hand_in(sketches, BODY, None)
        self.acts.number_all(None)
        self.acts.sign(None, True, 0, None)
        self.book.now = present

    @invariant()
    def everything_holds(self):
        self._tally.steps += 1
        self.desk.check()
