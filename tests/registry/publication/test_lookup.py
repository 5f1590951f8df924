"""The look-up confirms what the asker knows already; every kind of miss looks alike."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend, void
from registry.certificate.tables import Entry
from registry.journal.tables import Event
from registry.publication.errors import LookupUnavailable
from registry.publication.lookup import Lookup, comparable
from registry.publication.records import PublicRecord
from signing.id_check import IdType
from signing.statement import Level
from tests.instants import NOON, THAT_DAY
from tests.registry.statements import counted
from tests.registry.world import PROFILE

RESIDENT = IdType.RESIDENT_ID


@pytest.fixture
def lookup(world):
    profiles = {PROFILE.code: PROFILE.layout}
    return Lookup(
        world.sessions, world.personal.matcher, profiles, trust=lambda: world.trust, now=lambda: NOON
    )


@pytest.fixture
def row(world):
    return world.row(1, name="欧阳明己")


@pytest.fixture
def number(world, row):
    return world.issued(row)[0]


def act(world, what, subject, now=NOON, reason=Reason.UNDER_INVESTIGATION):
    world.sessions.run(lambda session: what(session, world.registrar, subject, reason, now=now))


def test_a_certificate_is_found_by_its_number_and_its_holders_name(lookup, number):
    assert lookup.by_number(number, "欧阳明己") == PublicRecord(
        number=number,
        holder_name="欧阳明己",
        occupation="大数据工程技术人员",
        direction="大数据分析",
        level=Level.INTERMEDIATE,
        issuer="工业和信息化部教育与考试中心",
        issued_on=THAT_DAY,
        status="released",
        changed_on=None,
        cause=None,
        version=1,
    )


def test_a_person_finds_all_certificates_the_newest_first(world, lookup, row, number):
    (senior,) = world.issued({**row, "level": "senior"})
    world.issued(world.row(1))

    found = lookup.by_id(RESIDENT, row["id_number"], row["name"])

    assert [record.number for record in found] == [senior, number]
    assert lookup.by_id(RESIDENT, f" {row['id_number'][:6]} {row['id_number'][6:]}", row["name"]) == found


def test_another_name_finds_nothing(lookup, row, number):
    for name in ("", "欧阳明已", "欧阳明", "欧阳明己己", "歐陽明己", "*", "%", "_阳明己", "\ud800"):
        assert lookup.by_number(number, name) is None
        assert lookup.by_id(RESIDENT, row["id_number"], name) == ()


def test_another_number_finds_nothing(lookup, row, number):
    wrong = [
        "",
        number[:-1],
        number[:-1] + "9",
        number.lower(),
        "%",
        "_" * 22,
        "\x00",
        number + "\x00",
        "\ud800",
        "Ｓ" + number[1:],
        number + " ",
    ]

    assert [lookup.by_number(text, row["name"]) for text in wrong] == [None] * len(wrong)
    for text in ("", "0", row["id_number"][:-1], "\x00", "\ud800", "%"):
        assert lookup.by_id(RESIDENT, text, row["name"]) == ()
    assert lookup.by_id(IdType.PASSPORT, row["id_number"], row["name"]) == ()


def test_what_was_never_released_is_not_there(world, lookup, row):
    submission = world.numbered(row)
    (number,) = world.numbers(submission)

    def found():
        return lookup.by_number(number, row["name"]), lookup.by_id(RESIDENT, row["id_number"], row["name"])

    assert found() == (None, ())
    world.sign()
    assert found() == (None, ())
    act(world, void, 1)
    assert found() == (None, ())


def test_a_failed_result_is_not_there(world, lookup):
    row = world.row(1, theory="1")
    world.issued(row)

    assert lookup.by_id(RESIDENT, row["id_number"], row["name"]) == ()


def test_the_status_with_its_day_and_its_cause_is_shown_at_once(world, lookup, row, number):
    # 23:30 UTC is the next day in China.
    late = NOON + timedelta(hours=19, minutes=30)
    for what, reason, status, changed_on in (
        (suspend, Reason.UNDER_INVESTIGATION, "suspended", date(2026, 11, 21)),
        (revoke, Reason.EXAM_FRAUD, "revoked", date(2026, 11, 21)),
    ):
        act(world, what, number, now=late, reason=reason)
        record = lookup.by_number(number, row["name"])
        assert (record.status, record.changed_on, record.cause) == (status, changed_on, reason)
        assert lookup.by_id(RESIDENT, row["id_number"], row["name"]) == (record,)


def test_a_lifted_suspension_stands_with_its_own_day_and_cause_until_its_release(world, lookup, row, number):
    act(world, suspend, number, reason=Reason.UNDER_INVESTIGATION)
    suspended = lookup.by_number(number, row["name"])
    act(world, reinstate, number, now=NOON + timedelta(days=3), reason=Reason.INVESTIGATION_CLOSED)

    pending = lookup.by_number(number, row["name"])
    by_id = lookup.by_id(RESIDENT, row["id_number"], row["name"])
    world.release()
    lifted = lookup.by_number(number, row["name"])

    assert (pending, by_id) == (suspended, (suspended,))
    assert (pending.status, pending.changed_on) == ("suspended", THAT_DAY)
    assert pending.cause == Reason.UNDER_INVESTIGATION
    assert (lifted.status, lifted.changed_on, lifted.cause) == ("released", None, None)


def test_what_is_suspended_again_before_it_shows_has_the_new_day_and_cause(world, lookup, row, number):
    act(world, suspend, number, reason=Reason.UNDER_INVESTIGATION)
    act(world, reinstate, number, reason=Reason.INVESTIGATION_CLOSED)

    act(world, suspend, number, now=NOON + timedelta(days=1), reason=Reason.HOLDER_REQUEST)

    record = lookup.by_number(number, row["name"])
    assert (record.status, record.cause) == ("suspended", Reason.HOLDER_REQUEST)
    assert record.changed_on == THAT_DAY + timedelta(days=1)


@pytest.mark.parametrize(
    "details", [{}, {"reason": None}, {"reason": "张三说的"}, {"reason": ["exam_fraud"]}, []], ids=str
)
def test_a_cause_that_is_not_of_the_list_is_not_shown(world, lookup, row, number, details):
    act(world, revoke, number)
    world.tamper(update(Event).where(Event.act == "revoke").values(details=details))

    record = lookup.by_number(number, row["name"])

    assert (record.status, record.changed_on, record.cause) == ("revoked", THAT_DAY, None)


def test_the_cause_of_another_certificate_is_not_shown(world, lookup, row, number):
    (other,) = world.issued(world.row(2, name="李四"))
    act(world, suspend, number, reason=Reason.HOLDER_REQUEST)
    act(world, revoke, other, reason=Reason.EXAM_FRAUD)

    assert lookup.by_number(number, row["name"]).cause == Reason.HOLDER_REQUEST
    assert lookup.by_number(other, "李四").cause == Reason.EXAM_FRAUD


def test_a_corrected_number_shows_its_current_version_and_only_that(world, lookup, row, number):
    submission = world.numbered({**row, "name": "欧阳明巳", "corrects": number, "reason": "己误作巳"})
    world.sign()
    assert lookup.by_number(number, "欧阳明己").version == 1
    assert lookup.by_number(number, "欧阳明巳") is None

    world.release()

    assert world.numbers(submission) == [number]
    record = lookup.by_number(number, "欧阳明巳")
    assert (record.version, record.status, record.changed_on) == (2, "released", None)
    assert lookup.by_number(number, "欧阳明己") is None
    assert lookup.by_id(RESIDENT, row["id_number"], "欧阳明己") == ()
    assert lookup.by_id(RESIDENT, row["id_number"], "欧阳明巳") == (record,)


def test_a_correction_of_the_id_number_moves_the_certificate(world, lookup, row, number):
    other = world.row(1)["id_number"]
    world.issued({**row, "id_number": other, "corrects": number, "reason": "证件号码有误"})

    assert lookup.by_id(RESIDENT, row["id_number"], row["name"]) == ()
    assert [record.version for record in lookup.by_id(RESIDENT, other, row["name"])] == [2]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("买买提·艾山", "买买提•艾山"),
        ("买买提·艾山", "买买提.艾山"),
        ("买买提·艾山", "买买提．艾山"),
        ("买买提·艾山", " 买买提 ·\u3000艾山 "),
        ("John Smith", "JOHN  SMITH"),
        ("John Smith", "ｊｏｈｎ ｓｍｉｔｈ"),
        ("José", "JOSE\u0301"),
        ("张䶮", "张䶮"),
    ],
)
def test_width_case_spaces_and_the_kind_of_dot_do_not_matter(stored, asked):
    assert comparable(stored) == comparable(asked)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("己", "已"),
        ("己", "巳"),
        ("李四", "李泗"),
        ("吴", "吳"),
        ("张䶮", "张龑"),
        ("A·B", "AB"),
        ("José", "Jose"),
    ],
)
def test_characters_matter(stored, asked):
    assert comparable(stored) != comparable(asked)


def test_one_statement_answers_whatever_the_answer(lookup, engine, row, number):
    questions = [
        lambda: lookup.by_number(number, row["name"]),
        lambda: lookup.by_number(number, "别人"),
        lambda: lookup.by_number("S000221000002262999999", row["name"]),
        lambda: lookup.by_number("\x00", row["name"]),
        lambda: lookup.by_id(RESIDENT, row["id_number"], row["name"]),
        lambda: lookup.by_id(RESIDENT, row["id_number"], "别人"),
        lambda: lookup.by_id(RESIDENT, "000000000000000000", row["name"]),
    ]

    for ask in questions:
        with counted(engine) as statements:
            ask()
        assert [text.split()[0] for text in statements if not text.startswith(("BEGIN", "PRAGMA"))] == [
            "SELECT"
        ]


def test_an_answer_is_true_for_now(lookup):
    assert lookup.as_of() == NOON


def test_codes_that_the_directory_does_not_know_are_shown_as_codes(world, row, number):
    def with_profiles(profiles):
        lookup = Lookup(
            world.sessions, world.personal.matcher, profiles, trust=lambda: world.trust, now=lambda: NOON
        )
        return lookup.by_number(number, row["name"])

    packed = PROFILE.packed(number)
    assert with_profiles({9: PROFILE.layout}).issuer == f"{packed[0]}:{packed[1:].hex()}"


@pytest.mark.parametrize(
    "change",
    [
        {"token": None},
        {"token": b""},
        {"token": b"\xd2\x84"},
        {"entry": 2},
    ],
    ids=str,
)
def test_a_row_whose_token_does_not_verify_is_a_miss(world, lookup, row, number, change, caplog):
    assert lookup.by_number(number, row["name"]) is not None
    world.tamper(update(Entry).where(Entry.entry == 1).values(**change))

    assert lookup.by_number(number, row["name"]) is None
    assert lookup.by_id(RESIDENT, row["id_number"], row["name"]) == ()
    assert row["name"] not in caplog.text


def test_another_certificates_token_or_number_is_a_miss(world, lookup, row, number):
    (other,) = world.issued(world.row(2, name="李四"))
    token = world.entry(2).token
    world.tamper(update(Entry).where(Entry.entry == 1).values(token=token))

    assert lookup.by_number(number, row["name"]) is None
    assert lookup.by_number(number, "李四") is None
    assert lookup.by_number(other, "李四") is not None


def test_a_forged_name_is_shown_to_nobody(world, lookup, row, number, caplog):
    forged = world.entry(1).token.replace("欧".encode(), "殴".encode())
    world.tamper(update(Entry).where(Entry.entry == 1).values(token=forged))

    assert lookup.by_number(number, row["name"].replace("欧", "殴")) is None
    assert "entry 1" in caplog.text


def test_without_a_trust_bundle_there_is_no_answer_for_a_hit(world, row, number):
    profiles = {PROFILE.code: PROFILE.layout}
    lookup = Lookup(world.sessions, world.personal.matcher, profiles, trust=lambda: None, now=lambda: NOON)

    with pytest.raises(LookupUnavailable):
        lookup.by_number(number, row["name"])
