"""What is wrong with a log is found, each thing by its code, and what is right is not."""

from datetime import timedelta
from hashlib import sha256

import pytest

from signing import cbor
from signing.log.leaf import Change, Issue, LeafKind, SeriesOpened, Void
from signing.offline.monitor.finding import MAX_KEPT, Code
from tests.log_world import MINUTE, START, issue_leaf, token_of
from tests.vectors import world
from tests.vectors.world import DAY, HOUR, NOW

FIRST, SECOND = "S000123000001263", "S000223000001263"


def test_an_honest_log_is_in_order(honest):
    code, answer = honest.watch("--body", "S0002")

    assert (code, answer["result"], answer["findings"], answer["doubts"]) == (0, "in_order", [], [])
    assert [item["series"] for item in answer["series_opened"]] == [f"{FIRST}******", f"{SECOND}******"]
    assert [item["ceremony"] for item in answer["key_events"]] == ["open_epoch"]
    assert len(answer["issued"]) == 31
    assert {item["number"][:5] for item in answer["issued"]} == {"S0002"}
    assert [item["change"] for item in answer["changed"]] == ["supersede"]


def test_four_planted_wrongs_are_found_and_nothing_else(desk):
    register = desk.register
    first, second = register.open("S0001"), register.open("S0002")
    register.issue(first, count=300)
    held = desk.hold()
    # A certificate in the first body's name that it knows nothing of.
    secret = register.issue(first, name="李四")[0]
    # A number of the second body that was given and never logged, with its entry in the log as void.
    register.serials[second] += 1
    register.void()
    # The same number twice.
    register.issue(second, count=20)
    register.sign(f"{second}000007", 1, name="王五")
    # Another name under a number of the first body.
    swapped = token_of(12, f"{first}000012", "赵六")
    register.leaves[13] = Issue(
        at=START + 14 * MINUTE, entry=12, number=world.DTE.pack(f"{first}000012"), version=1,
        issued_on=world.statement().issued_on, digest=sha256(swapped).digest(),
    ).to_bytes()  # fmt: skip
    desk.publish()

    code, answer = desk.watch("--tokens", held)

    told = [
        (item["code"], item.get("number", item.get("series")), item.get("entry"))
        for item in answer["findings"]
    ]
    assert (code, answer["doubts"]) == (1, [])
    assert sorted(told) == [
        ("content_differs", f"{first}000012", 12),
        ("duplicate_number", f"{second}000007", None),
        ("series_gap", f"{second}******", None),
        ("unknown_to_body", f"{first}000301", secret),
    ]


def change(kind, entry):
    return lambda register: register.change(LeafKind[kind], entry)


def twice(register):
    register.log(issue_leaf(4, f"{FIRST}000011", token_of(4, f"{FIRST}000011"), at=register.tick()))


def dated(delta):
    def plant(register):
        number = f"{FIRST}000011"
        token = token_of(11, number)
        register.log(issue_leaf(11, number, token, at=register.clock + delta))

    return plant


def in_wrong_year(register):
    number = f"{FIRST}000011"
    day = world.statement().issued_on.replace(year=2027)
    register.log(issue_leaf(11, number, token_of(11, number), at=register.tick(), issued_on=day))


def unknown_kind(register):
    register.leaves.append(cbor.encode([1, 9, 0, 1]))


def later_version(register):
    register.leaves.append(cbor.encode([2, 3, 0, 1]))


def strange(number):
    def plant(register):
        register.log(
            Issue(at=register.tick(), entry=11, number=number, version=1,
                  issued_on=world.statement().issued_on, digest=bytes(32))
        )  # fmt: skip

    return plant


def skip(serials=0, entries=0):
    def plant(register):
        register.serials[FIRST] += serials
        register.entries += entries
        register.issue(FIRST)

    return plant


def void_of_another_number(register):
    register.void(f"{FIRST}000002", entry=1)


def superseded_by_a_void_version(register):
    register.entries += 1
    register.log(Void(at=register.tick(), entry=11, number=world.DTE.pack(f"{FIRST}000001"), version=2))
    register.change(LeafKind.SUPERSEDE, 1)


def of_unknown_profile(register):
    register.log(SeriesOpened(at=register.tick(), profile=9, parts=("S",)))


def of_wrong_parts(register):
    register.log(SeriesOpened(at=register.tick(), profile=1, parts=("S", "0001")))


PLANTED = {
    "an entry twice": (twice, {Code.DUPLICATE_ENTRY}),
    "a number twice": (lambda register: register.sign(f"{FIRST}000003", 1), {Code.DUPLICATE_NUMBER}),
    "a lower version": (
        lambda register: (register.correct(2), register.correct(11), register.sign(f"{FIRST}000002", 2)),
        {Code.DUPLICATE_NUMBER},
    ),
    "a void number that was given": (lambda register: register.void(f"{FIRST}000004"), {Code.DUPLICATE_NUMBER}),
    "a serial skipped": (skip(serials=1), {Code.SERIES_GAP}),
    "a thousand serials skipped": (skip(serials=1000), {Code.SERIES_GAP}),
    "a serial beyond every count": (skip(serials=900_000), {Code.SERIES_GAP}),
    "serial 0": (lambda register: register.sign(f"{FIRST}000000", 1), {Code.SERIES_GAP}),
    "an entry skipped": (skip(entries=1), {Code.ENTRY_GAP}),
    "an entry beyond every count": (skip(entries=900_000), {Code.ENTRY_GAP}),
    "a series never opened": (
        lambda register: register.sign("S000923000001263000001", 1), {Code.SERIES_NOT_OPENED}
    ),
    "a void number of a series never opened": (
        lambda register: register.void("S000923000001263000001"), {Code.SERIES_NOT_OPENED}
    ),
    "a series of an unknown profile": (of_unknown_profile, {Code.UNKNOWN_PROFILE}),
    "a series of too few parts": (of_wrong_parts, {Code.NUMBER_MISFIT}),
    "a number of an unknown profile": (strange(b"\xc8\x01\x02"), {Code.UNKNOWN_PROFILE}),
    "a number too short": (strange(b"\x01\x01"), {Code.NUMBER_MISFIT}),
    "a number beyond its profile": (strange(b"\x01" + b"\xff" * 10), {Code.NUMBER_MISFIT}),
    "dated years ahead": (dated(400 * DAY), {Code.DATED_AHEAD}),
    "dated eleven minutes after the checkpoint": (
        lambda register: dated(NOW - HOUR - register.clock + 11 * MINUTE)(register), {Code.DATED_AHEAD}
    ),
    "dated back eight days": (dated(-8 * DAY), {Code.BACK_DATED}),
    "of another year": (in_wrong_year, {Code.WRONG_YEAR}),
    "a kind that is not known": (unknown_kind, {Code.UNKNOWN_LEAF}),
    "a leaf of a later version": (later_version, {Code.UNKNOWN_LEAF}),
    "a leaf that is no CBOR": (lambda register: register.leaves.append(b"\xff"), {Code.UNKNOWN_LEAF}),
    "an empty leaf": (lambda register: register.leaves.append(b""), {Code.UNKNOWN_LEAF}),
    "a suspension of what was not issued": (change("SUSPEND", 11), {Code.UNLAWFUL_CHANGE}),
    "a revocation of entry four billion": (change("REVOKE", 2**32 - 1), {Code.UNLAWFUL_CHANGE}),
    "a reinstatement without suspension": (change("REINSTATE", 3), {Code.UNLAWFUL_CHANGE}),
    "a suspension after revocation": (
        lambda register: (change("REVOKE", 3)(register), change("SUSPEND", 3)(register)), {Code.UNLAWFUL_CHANGE}
    ),
    "a reinstatement after revocation": (
        lambda register: (change("REVOKE", 3)(register), change("REINSTATE", 3)(register)), {Code.UNLAWFUL_CHANGE}
    ),
    "a supersession without correction": (change("SUPERSEDE", 3), {Code.UNLAWFUL_CHANGE}),
    "a supersession by a void version": (superseded_by_a_void_version, {Code.UNLAWFUL_CHANGE}),
    "a void that is suspended": (
        lambda register: change("SUSPEND", register.void())(register), {Code.UNLAWFUL_CHANGE}
    ),
    "a revoked certificate void": (
        lambda register: (change("REVOKE", 3)(register), register.void(entry=3)), {Code.UNLAWFUL_CHANGE}
    ),
    "a void with another number": (void_of_another_number, {Code.UNLAWFUL_CHANGE}),
    "an issue of a void entry": (
        lambda register: register.sign(f"{FIRST}000011", 1, entry=register.void()), {Code.DUPLICATE_ENTRY}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_each_wrong_has_its_code_and_brings_no_other(desk, name):
    plant, codes = PLANTED[name]
    desk.register.issue(desk.register.open("S0001"), count=10)
    plant(desk.register)
    desk.publish()

    found = desk.found()

    assert len(found) == 1
    assert set(found) == codes


def again(*kinds):
    """Let things become of entry 3, and tell each of them again."""
    return lambda register: [register.change(LeafKind[kind], 3) for kind in kinds for _ in range(2)]


LAWFUL = {
    "a suspension told again": again("SUSPEND"),
    "a reinstatement told again": again("SUSPEND", "REINSTATE", "SUSPEND", "REINSTATE", "REVOKE"),
    "a revocation told again": again("REVOKE"),
    "a supersession told again": lambda register: (
        register.correct(3), register.change(LeafKind.SUPERSEDE, 3)
    ),
    "an entry void told again": lambda register: register.void(entry=register.void()),
    "a series opened again": lambda register: register.open("S0001"),
    "a serial that comes before the one before it": lambda register: (
        register.sign(f"{FIRST}000012", 1), register.sign(f"{FIRST}000011", 1)
    ),
    "an entry that comes before the one before it": lambda register: (
        register.sign(f"{FIRST}000011", 1, entry=12), register.sign(f"{FIRST}000012", 1, entry=11)
    ),
    "dated as far ahead as clocks differ": lambda register: dated(NOW - HOUR - register.clock + 10 * MINUTE)(register),
    "dated back six days": lambda register: (
        register.tick(), dated(-6 * DAY)(register)
    ),
    "a suspension that is lifted, and again": lambda register: [
        register.change(kind, 3) for kind in (LeafKind.SUSPEND, LeafKind.REINSTATE) * 2
    ],
    "a correction of a correction": lambda register: register.correct(register.correct(3)),
    "a correction of a certificate that was suspended for a while": lambda register: (
        register.change(LeafKind.SUSPEND, 3), register.change(LeafKind.REINSTATE, 3), register.correct(3)
    ),
    "an issue that is void before it was released": lambda register: register.void(
        f"{FIRST}000011", entry=register.issue(FIRST)[0]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWFUL)
def test_what_is_lawful_is_no_finding(desk, name):
    desk.register.issue(desk.register.open("S0001"), count=10)
    LAWFUL[name](desk.register)
    desk.publish()

    assert desk.found() == []


def test_a_leaf_dated_ahead_does_not_make_the_later_ones_dated_back(desk):
    register = desk.register
    register.issue(register.open("S0001"), count=10)
    register.log(Change(at=register.clock + 1000 * DAY, kind=LeafKind.SUSPEND, entry=3))
    register.issue(FIRST, count=10)
    desk.publish()

    assert desk.found() == ["dated_ahead"]


def test_a_leaf_dated_before_the_last_checkpoint_seen_is_found_though_no_leaf_is_later(desk):
    register = desk.register
    register.issue(register.open("S0001"), count=10)
    desk.publish(at=NOW - 20 * DAY)
    assert desk.found(now=NOW - 20 * DAY) == []
    register.issue(FIRST)
    desk.publish(at=NOW)

    assert desk.found() == ["back_dated"]


@pytest.mark.parametrize("what", ["serial", "entry"])
def test_a_hole_is_waited_for_for_a_week(desk, what):
    register = desk.register
    register.issue(register.open("S0001"), count=10)
    register.serials[FIRST] += what == "serial"
    register.entries += what == "entry"
    register.issue(FIRST)
    desk.publish(at=register.clock + 7 * DAY)
    assert desk.found() == []
    desk.publish(at=register.clock + 7 * DAY + timedelta(seconds=1))

    assert desk.found() == ["series_gap" if what == "serial" else "entry_gap"]
    assert desk.found() == []


def test_a_hole_that_is_filled_in_time_is_none(desk):
    register = desk.register
    register.issue(register.open("S0001"), count=10)
    register.entries += 1
    register.serials[FIRST] += 1
    register.issue(FIRST)
    desk.publish(at=register.clock + DAY)
    assert desk.found() == []
    register.sign(f"{FIRST}000011", 1, entry=11)
    desk.publish(at=NOW)

    assert desk.found() == []


def test_many_findings_of_one_kind_are_counted_and_some_told(desk):
    register = desk.register
    register.issue(register.open("S0001"), count=10)
    for _ in range(MAX_KEPT + 7):
        register.change(LeafKind.REINSTATE, 3)
    desk.publish()

    code, answer = desk.watch()

    assert code == 1
    assert len(answer["findings"]) == MAX_KEPT
    assert answer["counts"] == {"unlawful_change": MAX_KEPT + 7}


def test_a_number_without_a_year_has_no_wrong_year(desk):
    fields = tuple(field for field in world.DTE.fields if field.name != "year")
    profile = type(world.DTE)(1, "no-year", "assumed", (0, 1), 4, fields)
    desk.trust(profiles={1: profile})
    desk.register.log(
        SeriesOpened(at=desk.register.tick(), profile=1, parts=("S", "0001", "23", "000001", "3"))
    )
    leaf = issue_leaf(1, f"{FIRST}000001", b"", at=desk.register.tick())
    number = profile.pack("S0001230000013000001")
    desk.register.log(Issue(leaf.at, 1, number, 1, leaf.issued_on.replace(year=2031), leaf.digest))
    desk.publish()

    assert desk.found() == []
