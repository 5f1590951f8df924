"""Rows, decisions and claims: bytes both ways, signatures, and what is refused."""

from datetime import date, timedelta
from uuid import UUID

import cbor2
import pytest

from signing import cbor
from signing.cose import Kind
from signing.ed25519 import admit
from signing.errors import BadSignature, Malformed, UnknownKey
from signing.evidence import (
    Decision,
    Row,
    Step,
    SubmissionClaim,
    check_submission_claim,
    open_decision,
    rows_digest,
)
from signing.merkle import inclusion_proof, verify_inclusion
from signing.statement import Level, Occupation
from tests.vectors.variants import edited
from tests.vectors.world import ENV, NOW, STRANGER, SeedKey

REVIEWER = SeedKey("reviewer")
BODY = SeedKey("body")
SUBMISSION = UUID("12345678-1234-5678-1234-567812345678")


def a_row(**changed):
    ordinary = {
        "blinding": bytes(range(16)),
        "submission": SUBMISSION,
        "row": 7,
        "issuer": "S0001",
        "site": "000001",
        "province": "23",
        "holder_name": "张小明",
        "id_check": 2748,
        "occupation": Occupation(2, 2021011),
        "direction": None,
        "level": Level.SENIOR,
        "theory": 855,
        "practice": 600,
        "passed": True,
        "exam_ended_on": date(2026, 10, 1),
        "issued_on": None,
        "corrects": None,
    }
    return Row(**ordinary | changed)


def a_decision(**changed):
    ordinary = {
        "submission": SUBMISSION,
        "step": Step.PROVINCE,
        "jurisdiction": "CN-23",
        "rows_digest": rows_digest([a_row().to_bytes()]),
        "rows": 1,
        "returned": (3, 9),
        "decided_at": NOW,
    }
    return Decision(**ordinary | changed)


CLAIM = SubmissionClaim(issuer="S0001", media_type="application/json", content_digest=bytes(32))

ROWS = [
    a_row(),
    a_row(direction=255, issued_on=date(2026, 10, 2), corrects=12, level=Level.JUNIOR),
    a_row(theory=599, practice=1000, passed=False),
    a_row(theory=0, practice=0, passed=False, row=4294967295, holder_name="𬭸" * 42),
]


# What reviewers sign is a digest over these bytes, so that no later writer may write others.
RECORDED_START = (
    "920150000102030405060708090a0b0c0d0e0f5012345678123456781234567812345678"
    "{row}6553303030316630303030303162323369e5bca0e5b08fe6988e190abc82021a001ed693"
)
RECORDED_ROWS = [
    RECORDED_START.format(row="07") + "f603190357190258f51950f7f6f6",
    RECORDED_START.format(row="07") + "18ff01190357190258f51950f71950f80c",
    RECORDED_START.format(row="07") + "f6031902571903e8f41950f7f6f6",
    RECORDED_START.format(row="1affffffff").replace("69e5bca0e5b08fe6988e", "78a8" + "f0acadb8" * 42)
    + "f6030000f41950f7f6f6",
]


@pytest.mark.parametrize(("row", "recorded"), list(zip(ROWS, RECORDED_ROWS, strict=True)))
def test_a_row_has_the_bytes_it_always_had(row, recorded):
    assert row.to_bytes().hex() == recorded


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_a_row_comes_back(row):
    assert Row.from_bytes(row.to_bytes()) == row
    assert row.to_bytes() == cbor2.dumps(cbor2.loads(row.to_bytes()))
    assert len(cbor2.loads(row.to_bytes())) == 18


WRONG_ROWS = {
    "short blinding": {"blinding": bytes(15)},
    "row 0": {"row": 0},
    "no name": {"holder_name": ""},
    "long name": {"holder_name": "a" * 169},
    "id check 4096": {"id_check": 4096},
    "direction 0": {"direction": 0},
    "theory 1001": {"theory": 1001},
    "practice -1": {"practice": -1},
    "a score with a fraction": {"theory": 85.5},
    "passed with 599": {"theory": 599},
    "failed with 600 and 600": {"theory": 600, "passed": False},
    "passed 1": {"passed": 1},
    "failed 0": {"theory": 1, "passed": 0},
    "no blinding": {"blinding": None},
    "row true": {"row": True},
    "row 4294967296": {"row": 4294967296},
    "issuer a number": {"issuer": 1},
    "site none": {"site": None},
    "province bytes": {"province": b"23"},
    "name none": {"holder_name": None},
    "name with a surrogate": {"holder_name": "\ud800"},
    "id check true": {"id_check": True},
    "direction 256": {"direction": 256},
    "direction true": {"direction": True},
    "theory -1": {"theory": -1, "passed": False},
    "theory true": {"theory": True, "passed": False},
    "practice true": {"practice": True, "passed": False},
    "practice 1001": {"practice": 1001},
    "corrects true": {"corrects": True},
    "corrects 2^53": {"corrects": 2**53},
    "corrects -1": {"corrects": -1},
}


@pytest.mark.parametrize("wrong", WRONG_ROWS.values(), ids=WRONG_ROWS.keys())
def test_a_row_outside_the_grammar_is_not_made(wrong):
    with pytest.raises(Malformed):
        a_row(**wrong)


ROW_FAULTS = [
    (0, 2), (0, True), (1, bytes(17)), (2, bytes(15)), (2, str(SUBMISSION)), (3, 0), (3, "7"), (4, 1),
    (5, None), (6, 23), (7, b"a"), (8, -1), (9, 2021011), (9, [2]), (9, [0, 1]), (10, 0), (11, 0), (11, 4),
    (11, True), (12, "85.5"), (13, 1001), (14, 1), (14, False), (15, None),
    (15, 65536), (16, -1), (17, -1), (17, False),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), ROW_FAULTS, ids=str)
def test_a_row_that_our_writer_would_not_write_is_refused(place, value):
    data = edited(a_row().to_bytes(), lambda items: items.__setitem__(place, value))
    with pytest.raises(Malformed):
        Row.from_bytes(data)


@pytest.mark.parametrize(
    "edit", [lambda items: items.pop(), lambda items: items.append(None)], ids=["less", "more"]
)
@pytest.mark.parametrize(
    ("read", "data"),
    [(Row.from_bytes, a_row().to_bytes()), (Decision.from_bytes, a_decision().to_bytes()),
     (SubmissionClaim.from_bytes, CLAIM.to_bytes())],
    ids=["row", "decision", "claim"],
)  # fmt: skip
def test_an_item_less_or_more_is_refused(read, data, edit):
    with pytest.raises(Malformed):
        read(edited(data, edit))


@pytest.mark.parametrize("step", Step)
def test_a_signed_decision_opens_with_the_reviewers_key(step):
    decision = a_decision(step=step, returned=())
    data = REVIEWER.sign1(decision.to_bytes(), Kind.DECISION)

    assert open_decision(data, admit(REVIEWER.public), ENV) == decision


SIGNED = REVIEWER.sign1(a_decision().to_bytes(), Kind.DECISION)
WRONG_DECISIONS = {
    "another reviewer": (STRANGER.sign1(a_decision().to_bytes(), Kind.DECISION), UnknownKey),
    "another environment": (REVIEWER.sign1(a_decision().to_bytes(), Kind.DECISION, "prod"), BadSignature),
    "another kind": (REVIEWER.sign1(a_decision().to_bytes(), Kind.SUBMISSION), BadSignature),
    "another decision": (SIGNED.replace(b"CN-23", b"CN-24"), BadSignature),
    "a byte more": (SIGNED + b"\x00", Malformed),
    "detached": (REVIEWER.detached(a_decision().to_bytes(), Kind.DECISION).to_bytes(), Malformed),
    "no decision": (REVIEWER.sign1(b"\x80", Kind.DECISION), Malformed),
}


@pytest.mark.parametrize(("data", "refusal"), WRONG_DECISIONS.values(), ids=WRONG_DECISIONS.keys())
def test_a_decision_in_doubt_does_not_open(data, refusal):
    with pytest.raises(refusal):
        open_decision(data, admit(REVIEWER.public), ENV)


DECISION_FAULTS = [
    (0, 2), (1, bytes(15)), (2, "board"), (2, 1), (2, []), (3, None), (4, bytes(31)), (5, -1), (6, 3),
    (6, [9, 3]), (6, [3, 3]), (6, [-1]), (6, ["3"]), (7, -1), (7, "now"), (7, 253_402_300_800),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), DECISION_FAULTS, ids=str)
def test_a_decision_that_our_writer_would_not_write_is_refused(place, value):
    data = edited(a_decision().to_bytes(), lambda items: items.__setitem__(place, value))
    with pytest.raises(Malformed):
        Decision.from_bytes(data)


@pytest.mark.parametrize(
    "wrong",
    [{"rows_digest": b""}, {"rows": -1}, {"returned": (2, 1)}, {"returned": (1, 1)}, {"returned": ("1",)}],
    ids=str,
)
def test_a_decision_outside_the_grammar_is_not_made(wrong):
    with pytest.raises(Malformed):
        a_decision(**wrong)


def test_an_instant_with_a_fraction_is_not_written():
    with pytest.raises(Malformed):
        a_decision(decided_at=NOW + timedelta(milliseconds=1)).to_bytes()


def test_the_signature_of_a_body_holds_for_its_claim_alone():
    signature = BODY.detached(CLAIM.to_bytes(), Kind.SUBMISSION).to_bytes()
    key = admit(BODY.public)
    other = SubmissionClaim(issuer="S0001", media_type="application/json", content_digest=b"\x01" * 32)

    check_submission_claim(signature, CLAIM, key, ENV)
    for claim, public, env, refusal in (
        (other, key, ENV, BadSignature),
        (CLAIM, admit(STRANGER.public), ENV, UnknownKey),
        (CLAIM, key, "prod", BadSignature),
    ):
        with pytest.raises(refusal):
            check_submission_claim(signature, claim, public, env)


def test_a_claim_with_its_payload_carried_is_refused():
    with pytest.raises(Malformed):
        check_submission_claim(BODY.sign1(CLAIM.to_bytes(), Kind.SUBMISSION), CLAIM, admit(BODY.public), ENV)


def test_a_claim_comes_back():
    assert SubmissionClaim.from_bytes(CLAIM.to_bytes()) == CLAIM
    assert cbor.decode(CLAIM.to_bytes()) == [1, "S0001", "application/json", bytes(32)]


def test_a_decision_covers_each_of_its_rows():
    rows = [a_row(row=number).to_bytes() for number in range(1, 12)]
    decision = a_decision(rows_digest=rows_digest(rows), rows=len(rows))

    for index, row in enumerate(rows):
        proof = inclusion_proof(rows, index)
        assert verify_inclusion(row, index, decision.rows, proof, decision.rows_digest)
        assert not verify_inclusion(
            a_row(row=99).to_bytes(), index, decision.rows, proof, decision.rows_digest
        )
