"""Decisions and claims: bytes both ways, signatures, and what is refused."""

from datetime import timedelta

import pytest

from signing import cbor
from signing.cose import Kind
from signing.ed25519 import admit
from signing.errors import BadSignature, Malformed, UnknownKey
from signing.evidence import (
    Decision,
    Step,
    SubmissionClaim,
    check_submission_claim,
    open_decision,
)
from signing.merkle import inclusion_proof, tree_hash, verify_inclusion
from tests.signing.test_row import SUBMISSION, a_row
from tests.vectors.variants import edited
from tests.vectors.world import ENV, NOW, STRANGER, SeedKey

REVIEWER = SeedKey("reviewer")
BODY = SeedKey("body")


def a_decision(**changed):
    ordinary = {
        "submission": SUBMISSION,
        "step": Step.PROVINCE,
        "jurisdiction": "CN-23",
        "rows_digest": tree_hash([a_row().to_bytes()]),
        "rows": 1,
        "returned": (3, 9),
        "decided_at": NOW,
    }
    return Decision(**ordinary | changed)


CLAIM = SubmissionClaim(issuer="S0001", media_type="application/json", content_digest=bytes(32))


@pytest.mark.parametrize(
    "edit", [lambda items: items.pop(), lambda items: items.append(None)], ids=["less", "more"]
)
@pytest.mark.parametrize(
    ("read", "data"),
    [(Decision.from_bytes, a_decision().to_bytes()),
     (SubmissionClaim.from_bytes, CLAIM.to_bytes())],
    ids=["decision", "claim"],
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
    decision = a_decision(rows_digest=tree_hash(rows), rows=len(rows))

    for index, row in enumerate(rows):
        proof = inclusion_proof(rows, index)
        assert verify_inclusion(row, index, decision.rows, proof, decision.rows_digest)
        assert not verify_inclusion(
            a_row(row=99).to_bytes(), index, decision.rows, proof, decision.rows_digest
        )
