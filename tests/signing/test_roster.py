"""The roster: its bytes both ways, and what a key of it may do, where and when."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import cbor2
import pytest

from signing import shape
from signing.cose import key_id
from signing.errors import InadmissibleKey, Malformed, NotEntitled, UnknownKey
from signing.roster import Duty, Roster, RosterEntry, in_order
from tests.vectors.variants import edited
from tests.vectors.world import ENV, NOW, SECOND, SeedKey

REVIEWER, OTHER = SeedKey("reviewer"), SeedKey("another reviewer")
PERSON, SOMEBODY = UUID(int=1), UUID(int=2)
FIRST_ON, LAST_ON = date(2026, 11, 20), date(2026, 12, 31)
WITHIN = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def an_entry(**changed):
    ordinary = {
        "public": REVIEWER.public,
        "person": PERSON,
        "duty": Duty.PROVINCE,
        "jurisdiction": "CN-21",
        "first_on": FIRST_ON,
        "last_on": LAST_ON,
        "revoked_at": None,
    }
    return RosterEntry(**ordinary | changed)


def a_roster(*entries, **changed):
    ordinary = {"environment": ENV, "version": 3, "made_at": NOW, "entries": in_order(entries or ENTRIES)}
    return Roster(**ordinary | changed)


ENTRIES = [
    an_entry(),
    an_entry(jurisdiction="CN-33"),
    an_entry(duty=Duty.OFFICE, jurisdiction="CN", revoked_at=NOW),
    an_entry(public=OTHER.public, person=SOMEBODY, duty=Duty.CENTRE, jurisdiction="CN"),
    an_entry(public=OTHER.public, person=SOMEBODY, duty=Duty.SERIES, jurisdiction="CN"),
]
PAYLOAD = a_roster().to_payload()


@pytest.mark.parametrize(
    "roster",
    [a_roster(), Roster(ENV, 0, NOW, ()), a_roster(ENTRIES[0], environment="a-1", version=2**53 - 1)],
    ids=["five duties", "empty", "one duty"],
)
def test_a_roster_comes_back(roster):
    payload = roster.to_payload()

    assert Roster.from_payload(payload) == roster
    assert payload == cbor2.dumps(cbor2.loads(payload), canonical=True)


def test_a_roster_is_the_cddl():
    content = cbor2.loads(PAYLOAD)

    assert list(content) == [1, 2, 3, 4, 5]
    assert [content[place] for place in range(1, 5)] == [1, ENV, 3, int(NOW.timestamp())]
    assert sorted(content[5]) == content[5]
    alone = cbor2.loads(a_roster(an_entry(revoked_at=NOW)).to_payload())[5]
    assert alone == [
        [
            REVIEWER.key_id, REVIEWER.public, PERSON.bytes, "province", "CN-21", shape.days(FIRST_ON),
            shape.days(LAST_ON), int(NOW.timestamp()),
        ]
    ]  # fmt: skip


def test_entries_stand_by_key_then_duty_then_jurisdiction():
    orders = [entry.order for entry in a_roster(*reversed(ENTRIES)).entries]

    assert orders == sorted(orders)
    for wrong in (tuple(reversed(in_order(ENTRIES))), (ENTRIES[0], ENTRIES[0])):
        with pytest.raises(Malformed):
            Roster(ENV, 1, NOW, wrong)


def test_the_same_duty_of_one_key_in_one_jurisdiction_stands_there_once():
    with pytest.raises(Malformed):
        a_roster(an_entry(), an_entry(last_on=LAST_ON + timedelta(days=1)))


def test_one_key_has_one_holder():
    with pytest.raises(Malformed, match="two persons"):
        a_roster(an_entry(), an_entry(person=SOMEBODY, jurisdiction="CN-33"))


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32], ids=bytes.hex)
def test_a_key_that_can_not_be_admitted_gets_no_duty(public):
    with pytest.raises(InadmissibleKey):
        an_entry(public=public)


WRONG_ROSTERS = {
    "format 2": lambda content: content.update({1: 2}),
    "format true": lambda content: content.update({1: True}),
    "no environment": lambda content: content.update({2: ""}),
    "environment in capitals": lambda content: content.update({2: "PROD"}),
    "version -1": lambda content: content.update({3: -1}),
    "made before 1970": lambda content: content.update({4: -1}),
    "made in the year 10000": lambda content: content.update({4: 253_402_300_800}),
    "made at no instant": lambda content: content.update({4: "now"}),
    "no entries": lambda content: content.pop(5),
    "entries no array": lambda content: content.update({5: {}}),
    "a sixth field": lambda content: content.update({6: []}),
    "in another order": lambda content: content[5].reverse(),
    "an entry twice": lambda content: content[5].insert(1, content[5][0]),
}


@pytest.mark.parametrize("edit", WRONG_ROSTERS.values(), ids=WRONG_ROSTERS.keys())
def test_a_roster_that_our_writer_would_not_write_is_refused(edit):
    with pytest.raises(Malformed):
        Roster.from_payload(edited(PAYLOAD, edit))


WRONG_ENTRIES = [
    (0, OTHER.key_id), (0, REVIEWER.key_id[:3]), (0, None), (1, REVIEWER.public[:31]), (1, REVIEWER.public.hex()),
    (2, PERSON.bytes[:15]), (2, str(PERSON)), (2, None), (3, "registrar"), (3, "PROVINCE"), (3, ""), (3, 1), (3, []),
    (4, None), (4, b"CN-21"), (4, 21), (5, -1), (5, 65536), (5, None), (6, -1), (6, 65536), (6, "2027-12-31"),
    (7, -1), (7, 253_402_300_800), (7, False), (7, ""),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), WRONG_ENTRIES, ids=str)
def test_an_entry_that_our_writer_would_not_write_is_refused(place, value):
    payload = a_roster(an_entry()).to_payload()

    with pytest.raises(Malformed):
        Roster.from_payload(edited(payload, lambda content: content[5][0].__setitem__(place, value)))


@pytest.mark.parametrize(
    "edit",
    [lambda entry: entry.pop(), lambda entry: entry.append(None)],
    ids=["an item less", "an item more"],
)
def test_an_entry_of_another_length_is_refused(edit):
    with pytest.raises(Malformed):
        Roster.from_payload(edited(PAYLOAD, lambda content: edit(content[5][0])))


def test_a_key_of_small_order_in_the_file_is_refused():
    small = b"\x01" + bytes(31)

    def edit(content):
        content[5][0][:2] = [key_id(small), small]

    with pytest.raises(InadmissibleKey):
        Roster.from_payload(edited(a_roster(an_entry()).to_payload(), edit))


@pytest.mark.parametrize("data", [b"", b"\xa0", b"\x80", b"\xff", PAYLOAD + b"\x00", PAYLOAD[:-1]], ids=len)
def test_what_is_no_roster_is_refused(data):
    with pytest.raises(Malformed):
        Roster.from_payload(data)


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "PROD"},
        {"version": -1},
        {"made_at": NOW + timedelta(milliseconds=1)},
        {"entries": (an_entry(revoked_at=NOW + timedelta(milliseconds=1)),)},
        {"entries": (an_entry(first_on=date(1969, 12, 31)),)},
        {"entries": (an_entry(last_on=date(2149, 6, 7)),)},
    ],
    ids=str,
)
def test_a_roster_that_could_not_be_read_back_is_not_written(wrong):
    with pytest.raises(Malformed):
        a_roster(**wrong).to_payload()


def entitled(at=WITHIN, duty=Duty.PROVINCE, jurisdiction="CN-21", key=REVIEWER, **changed):
    return a_roster(an_entry(**changed)).entitled(key.key_id, duty, jurisdiction, at=at)


# The first day begins in China eight hours before it begins in UTC, and the last one ends as much earlier.
BEGINNING = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
END = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("at", [BEGINNING, WITHIN, END - SECOND], ids=str)
def test_a_duty_counts_from_the_first_to_the_last_day_in_china(at):
    entry = entitled(at)

    assert (entry.person, entry.key_id) == (PERSON, REVIEWER.key_id)
    assert entry.verifier.public == REVIEWER.public


@pytest.mark.parametrize(
    "at", [BEGINNING - SECOND, BEGINNING - timedelta(days=1), END, END + timedelta(days=1)], ids=str
)
def test_a_duty_does_not_count_the_day_before_or_after(at):
    with pytest.raises(NotEntitled, match="it counts from 2026-11-20 to 2026-12-31"):
        entitled(at)


def test_a_revoked_key_counts_for_what_was_before_the_very_second():
    assert entitled(WITHIN - SECOND, revoked_at=WITHIN)

    for at in (WITHIN, WITHIN + SECOND):
        with pytest.raises(NotEntitled, match="revoked at 2026-11-25T03:00:00Z"):
            entitled(at, revoked_at=WITHIN)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"key": OTHER}, "does not stand in the roster"),
        ({"duty": Duty.CENTRE}, "does not stand in the roster with this duty"),
        ({"duty": Duty.SERIES}, "does not stand in the roster with this duty"),
        ({"jurisdiction": "CN-33"}, "not in CN-33"),
        ({"jurisdiction": "CN"}, "not in CN"),
        ({"jurisdiction": ""}, "not in "),
    ],
    ids=str,
)
def test_a_key_has_its_own_duty_in_its_own_jurisdiction_alone(wrong, words):
    with pytest.raises(NotEntitled, match=words):
        entitled(**wrong)


def test_a_key_with_two_duties_has_each_with_its_own_days():
    roster = a_roster(
        an_entry(),
        an_entry(jurisdiction="CN-33", revoked_at=WITHIN),
        an_entry(duty=Duty.OFFICE, jurisdiction="CN", last_on=FIRST_ON),
    )

    assert roster.entitled(REVIEWER.key_id, Duty.PROVINCE, "CN-21", at=WITHIN).revoked_at is None
    assert roster.entitled(REVIEWER.key_id, Duty.OFFICE, "CN", at=BEGINNING).last_on == FIRST_ON
    for duty, jurisdiction in ((Duty.PROVINCE, "CN-33"), (Duty.OFFICE, "CN")):
        with pytest.raises(NotEntitled):
            roster.entitled(REVIEWER.key_id, duty, jurisdiction, at=WITHIN)


def test_a_signature_is_verified_whatever_the_key_is_entitled_to():
    roster = a_roster(an_entry(revoked_at=NOW))

    assert roster.verifier(REVIEWER.key_id).public == REVIEWER.public
    with pytest.raises(UnknownKey):
        roster.verifier(OTHER.key_id)


def test_two_keys_of_one_person_are_one_person():
    roster = a_roster(an_entry(), an_entry(public=OTHER.public, duty=Duty.CENTRE, jurisdiction="CN"))

    assert {entry.person for entry in roster.entries} == {PERSON}
