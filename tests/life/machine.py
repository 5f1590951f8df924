"""One life: bodies, reviewers, registrar and workers, each doing what he may and what he may not, in any order.

What is drawn is small numbers; they pick from the notebook's own lists, so that a life can be told again. All steps are
one rule, so that in every life everything can happen: of many rules, Hypothesis would leave out most in most lives.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.instants import SHANGHAI
from tests.life.acts import Acts
from tests.life.cast import DECIDERS, RIGHT, SUBMITS
from tests.life.desk import Desk, Tally
from tests.life.notebook import LEVEL_DIGITS, SITES
from tests.life.register_place import Place
from tests.life.sketches import CORRECTIONS, PICK, SKETCHES, pick
from tests.life.troubles import TROUBLES, Trouble
from tests.registry.world import BODY

EARLIEST, LATEST = datetime(2026, 11, 20, 2, tzinfo=SHANGHAI), datetime(2028, 2, 1, tzinfo=SHANGHAI)
AFTER_ALL_KEYS = datetime(2029, 12, 1, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)
SOON, KEYS_LAST_ON = date(2027, 1, 10), date(2028, 12, 31)

FORWARDS, BACKWARDS = map(timedelta, (1, 20, 45, 200)), map(timedelta, (-1, -30, -90))
EDGES = (
    datetime(year, 1, 1, tzinfo=zone) + offset
    for year in (2027, 2028)
    for zone in (SHANGHAI, UTC)
    for offset in (-SECOND, timedelta())
)
FLAG, MOSTLY = st.booleans(), st.sampled_from([True] * 5 + [False])
WORKER = st.integers(0, 1)

Road = dict[str, Trouble]
ROAD_ACTS = ("submit", "check", "decide", "number", "sign", "release")
ROADS: st.SearchStrategy[Road | None] = st.one_of(
    st.none(),
    st.just({}),
    st.sampled_from([{act: trouble} for act in ROAD_ACTS for trouble in TROUBLES[act]]),
)
"""Nowhere, or the whole road, or with a trouble at one act of it."""


def troubles(act: str) -> st.SearchStrategy[Trouble | None]:
    """Draw a trouble for an act, or none."""
    return st.one_of(st.none(), st.sampled_from(TROUBLES[act]))


STEPS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "hand_in": {"sketches": SKETCHES, "submitter": st.sampled_from(list(SUBMITS)), "road": ROADS},
    "hand_in_corrections": {"corrections": CORRECTIONS, "right_body": MOSTLY, "road": ROADS},
    "hand_in_again": {"which": PICK, "trouble": troubles("submit")},
    "withdraw": {"which": PICK, "right_body": MOSTLY, "trouble": troubles("withdraw")},
    "decide": {
        "which": PICK,
        "person": st.one_of(st.none(), st.sampled_from(DECIDERS)),
        "returned": st.one_of(st.just([]), st.lists(PICK, min_size=1, max_size=2)),
        "hours": st.sampled_from([0, 0, 0, 0, 1, 25, -1]),
        "trouble": troubles("decide"),
    },
    "decide_again": {"which": PICK},
    "number": {
        "which": st.lists(PICK, min_size=1, max_size=3),
        "worker": WORKER,
        "trouble": troubles("number"),
    },
    "sign": {
        "absent": st.one_of(st.none(), PICK),
        "tolerant": FLAG,
        "worker": WORKER,
        "trouble": troubles("sign"),
    },
    "release": {"trouble": troubles("release")},
    "chain": {"most": st.sampled_from([1, 5, 1000]), "trouble": troubles("chain")},
    "void": {"which": PICK, "permitted": MOSTLY, "trouble": troubles("act")},
    "act": {
        "name": st.sampled_from(["suspend", "reinstate", "revoke"]),
        "which": PICK,
        "permitted": MOSTLY,
        "trouble": troubles("act"),
    },
    "open_series": {
        "issuer": st.sampled_from(list(SITES)),
        "levels": st.lists(st.sampled_from(list(LEVEL_DIGITS)), min_size=1, max_size=3, unique=True),
        "ahead": st.integers(0, 1),
        "permitted": MOSTLY,
        "trouble": troubles("open"),
    },
    "open_epoch": {
        "size": st.integers(1, 20),
        "last_on": st.sampled_from([KEYS_LAST_ON] * 5 + [SOON]),
        "trouble": troubles("open"),
    },
    "restart": {"torn": FLAG},
    "move_the_clock": {
        "stride": st.sampled_from([timedelta(hours=9), *FORWARDS, *BACKWARDS, *EDGES]),
        "prepared": FLAG,
    },
    "show_up_years_later": {"sketches": SKETCHES, "away": st.sampled_from([-SECOND, timedelta()])},
}
"""Every step by the name of its method, with what is drawn for it."""


class Life(RuleBasedStateMachine):
    """Any order of steps, with the comparison after each."""

    def __init__(self, place: Place, new_folder: Callable[[], Path], tally: Tally) -> None:
        super().__init__()
        self._place, self._new_folder, self._tally = place, new_folder, tally
        self.desk: Desk | None = None

    @initialize(narrow=st.sampled_from([False, False, True]))
    def found(self, narrow: bool) -> None:
        self._tally.lives += 1
        self.desk = Desk(self._place, self._new_folder(), self._tally, digits=1 if narrow else 6)
        self.acts, self.book = Acts(self.desk), self.desk.book
        self.acts.open_epoch(15 if narrow else 7, KEYS_LAST_ON, None)
        # In a narrow register a series has nine numbers, and one of them is used up from the beginning.
        levels = [*LEVEL_DIGITS, *["junior"] * 8 * narrow]
        self.acts.hand_in([(level, "new", None, 0, 0) for level in levels], BODY, None)
        self.go_on({})

    @rule(
        step=st.one_of(
            [st.tuples(st.just(name), st.fixed_dictionaries(drawn)) for name, drawn in STEPS.items()]
        )
    )
    def step(self, step: tuple[str, dict[str, Any]]) -> None:
        name, drawn = step
        getattr(self, name)(**drawn)

    @invariant()
    def everything_holds(self) -> None:
        self._tally.steps += 1
        if self.desk is not None:
            self.desk.check()

    def teardown(self) -> None:
        if self.desk is not None:
            self.desk.end()

    # Bodies.

    def hand_in(self, sketches: Any, submitter: str, road: Road | None) -> None:
        self.acts.hand_in(sketches, submitter, (road or {}).get("submit"))
        self.go_on(road)

    def hand_in_corrections(self, corrections: Any, right_body: bool, road: Road | None) -> None:
        self.acts.hand_in_corrections(corrections, right_body, (road or {}).get("submit"))
        self.go_on(road)

    def go_on(self, road: Road | None) -> None:
        """Go the whole road with what was handed in last, into the trouble that lies there; or leave it for later."""
        if road is not None:
            self.acts.approve(self.book.submissions[-1], road.get("check"), road.get("decide"))
            self.acts.number_all(road.get("number"))
            self.acts.sign(None, True, 0, road.get("sign"))
            self.acts.release(road.get("release"))

    def hand_in_again(self, which: int, trouble: Trouble | None) -> None:
        self.acts.hand_in_file(pick(self.book.files, which), None, trouble)

    def withdraw(self, which: int, right_body: bool, trouble: Trouble | None) -> None:
        self.acts.withdraw(which, right_body, trouble)

    # Reviewers.

    def decide(
        self, which: int, person: str | None, returned: list[int], hours: int, trouble: Trouble | None
    ) -> None:
        awaiting = self.acts.awaiting_decision()
        if awaiting:
            submission = pick(awaiting, which)
            self.acts.decide(submission, person or RIGHT[submission.status], returned, hours, trouble)

    def decide_again(self, which: int) -> None:
        self.acts.decide_again(which)

    # Workers.

    def number(self, which: list[int], worker: int, trouble: Trouble | None) -> None:
        self.acts.approve_all()
        waiting = [submission for submission in self.book.submissions if submission.waiting]
        if waiting:
            chosen = {id(found): found for found in (pick(waiting, place) for place in which)}
            self.acts.number(list(chosen.values()), worker, trouble)

    def sign(self, absent: int | None, tolerant: bool, worker: int, trouble: Trouble | None) -> None:
        if absent is not None:
            # Who is away is missed only where something waits for him.
            self.acts.approve_all()
        self.acts.number_all(None)
        self.acts.sign(absent, tolerant, worker, trouble)

    def release(self, trouble: Trouble | None) -> None:
        self.acts.release(trouble)

    def chain(self, most: int, trouble: Trouble | None) -> None:
        self.acts.chain(most, trouble)

    # The registrar.

    def void(self, which: int, permitted: bool, trouble: Trouble | None) -> None:
        self.acts.number_all(None)
        self.acts.void(which, permitted, trouble)

    def act(self, name: str, which: int, permitted: bool, trouble: Trouble | None) -> None:
        if name == "reinstate" and not self.book.with_status("suspended"):
            self.acts.on_number("suspend", which, True, None)
        self.acts.on_number(name, which, permitted, trouble)

    def open_series(
        self, issuer: str, levels: list[str], ahead: int, permitted: bool, trouble: Trouble | None
    ) -> None:
        self.acts.open_series(issuer, self.book.today.year + ahead, levels, permitted, trouble)

    def open_epoch(self, size: int, last_on: date, trouble: Trouble | None) -> None:
        self.acts.open_epoch(size, last_on, trouble)

    # Machines and clocks.

    def restart(self, torn: bool) -> None:
        assert self.desk is not None
        self.desk.restart(torn=torn)

    def move_the_clock(self, stride: timedelta | datetime, prepared: bool) -> None:
        if isinstance(stride, datetime):
            self.book.now = stride
        else:
            self.book.now = min(max(self.book.now + stride, EARLIEST), LATEST)
        if prepared:
            self.acts.open_what_is_missing(KEYS_LAST_ON)

    def show_up_years_later(self, sketches: Any, away: timedelta) -> None:
        present, self.book.now = self.book.now, AFTER_ALL_KEYS + away
        self.acts.hand_in(sketches, BODY, None)
        self.acts.number_all(None)
        self.acts.sign(None, True, 0, None)
        self.book.now = present
