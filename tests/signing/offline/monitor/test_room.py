"""What a log may make its reader keep: no more than a constant factor of its own size, whatever it says."""

import pytest

from signing.log.leaf import Issue
from signing.offline.monitor.finding import Code
from signing.offline.monitor.ledger import ROOM, Ledger
from signing.offline.monitor.news import Moment
from signing.offline.monitor.rules import Rules
from tests.log_world import START
from tests.vectors import world

AT = int(START.timestamp())


def rules_of(ledger):
    return Rules(ledger, {world.DTE.code: world.DTE}, Moment(AT, 0), frozenset())


def read(rules, leaves, first=0):
    for index, (number, entry) in enumerate(leaves, first):
        rules.read(index, Issue(
            at=START, entry=entry, number=world.DTE.pack(number), version=1,
            issued_on=world.statement().issued_on, digest=bytes(range(32)),
        ).to_bytes())  # fmt: skip


def serials(ledger):
    return sum(len(series.line.marks) for series in ledger.series)


LEAVES = 40
HOSTILE = {
    "ever further entries": lambda at: (f"S000123000001263{at + 1:06}", (at + 1) * ROOM),
    "ever further serials": lambda at: (f"S000123000001263{min((at + 1) * ROOM, 999_999):06}", at + 1),
    "a far serial in ever another series": lambda at: (f"S{at:04}230000012630{ROOM:05}", at + 1),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_log_makes_nothing_longer_than_itself(case):
    ledger = Ledger()
    rules = rules_of(ledger)

    read(rules, map(HOSTILE[case], range(LEAVES)))

    assert len(ledger.entries.marks) <= LEAVES + ROOM
    assert serials(ledger) <= LEAVES + ROOM
    assert len(ledger.series) <= LEAVES
    assert {finding.code for finding in rules.findings.kept} & {Code.ENTRY_GAP, Code.SERIES_GAP}


def test_what_comes_after_a_leap_is_still_counted():
    ledger = Ledger()
    rules = rules_of(ledger)

    read(rules, [(f"S0001230000012630{ROOM:05}", ROOM), ("S000223000001263000001", 1)])
    again = Ledger.from_value(ledger.to_value())
    read(rules_of(again), [("S000223000001263000002", 2), ("S0002230000012630" + f"{ROOM:05}", 3)], first=2)

    assert [again.entries.get(entry) for entry in (1, 2, 3, ROOM)] == [1, 1, 1, 1]
    assert serials(again) == ROOM + 2


def test_an_entry_of_another_number_opens_no_series():
    ledger = Ledger()
    rules = rules_of(ledger)
    read(rules, [("S000123000001263000001", 1)])

    assert not rules._is_its_number(1, world.DTE.pack("S000223000001263000001"), None)
    assert rules._is_its_number(1, world.DTE.pack("S000123000001263000001"), 1)
    assert len(ledger.series) == 1
