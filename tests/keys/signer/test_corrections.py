"""Corrections: a confirmed row that names the entry, and bytes that the journal has."""

from dataclasses import replace

import pytest

from keys.errors import EvidenceRefused, OtherContentForEntry, WrongCorrection
from keys.signer.request import SigningRequest, repeats
from signing.signed_bytes import statement_of_signed_bytes, token_of_signed_bytes
from signing.statement import Level
from signing.token import open_token
from tests.instants import THAT_DAY
from tests.keys.signer.evidence_world import (
    DAY,
    OTHER_SUBMISSION,
    a_request,
    a_row,
    an_item,
    decided,
    number,
    refused,
    signed,
    some_rows,
    to_be_signed,
    trust,
)


@pytest.fixture
def first(room):
    """The bytes of entry 1, which was signed."""
    signed(room, a_request())
    return to_be_signed(a_row(1), 1)


def correcting(entry=10, *, corrects=1, before=1, corrected=None, row=None, **changes):
    """Return a request to correct an entry, as whoever found a wrong name would make it."""
    row = row or a_row(20, submission=OTHER_SUBMISSION, corrects=corrects)
    item = an_item(row, entry, corrected=corrected, **{"number": number(before), **changes})
    return SigningRequest([item], [decided([row], submission=OTHER_SUBMISSION)])


def test_a_confirmed_correction_gets_the_number_and_needs_no_opening(room, first):
    (token,) = signed(room, correcting(corrected=first))

    corrected = open_token(token, trust())
    assert corrected.number == statement_of_signed_bytes(first).number
    assert corrected.holder_name == a_row(20).holder_name


def test_a_correction_is_corrected_once_more_and_the_first_never_again(room, first):
    second = correcting(corrected=first)
    signed(room, second)
    bytes_ = second.items[0].to_be_signed

    refused(room, correcting(11, corrected=first), "entry 11 can not correct entry 1", error=WrongCorrection)
    assert len(signed(room, correcting(11, corrects=10, corrected=bytes_))) == 1


def test_a_correction_of_something_that_is_signed_later_in_the_same_request_waits_for_it(room):
    rows, request = some_rows(), a_request()
    correction = correcting(corrected=to_be_signed(rows[0], 1))
    item = replace(correction.items[0], evidence=1)
    together = SigningRequest(
        [*request.items, item], [*request.evidence, *correction.evidence], request.openings
    )

    refused(room, together, "entry 10: what it corrects was never signed")
    signed(room, request)
    assert len(signed(room, together)) == 4


def other_body(first):
    row = a_row(20, submission=OTHER_SUBMISSION, corrects=1, issuer="S0002", site="000002")
    return correcting(corrected=first, row=row)


CORRECTIONS = {
    "without what it corrects": (
        lambda first: correcting(),
        "a correction without what it corrects, or the reverse",
    ),
    "of a row that corrects nothing": (
        lambda first: correcting(corrects=None, corrected=first),
        "a correction without what it corrects, or the reverse",
    ),
    "of what was never signed": (
        lambda first: correcting(corrects=9, before=9, corrected=to_be_signed(a_row(9), 9)),
        "what it corrects was never signed",
    ),
    "of other bytes than were signed": (
        lambda first: correcting(corrected=to_be_signed(a_row(1), 1, holder_name="王五")),
        "what it corrects was never signed",
    ),
    "of no certificate": (lambda first: correcting(corrected=b"\x80"), "what it corrects is no certificate"),
    "of nothing at all": (lambda first: correcting(corrected=b""), "what it corrects is no certificate"),
    "of a token": (
        lambda first: correcting(corrected=token_of_signed_bytes(first, bytes(64))),
        "what it corrects is no certificate",
    ),
    "of another entry than its row says": (
        lambda first: correcting(corrects=2, corrected=first),
        "its row corrects another entry",
    ),
    "under another number": (
        lambda first: correcting(corrected=first, number=number(10)),
        "number, level and date stay",
    ),
    "under the number of another certificate": (
        lambda first: correcting(corrected=first, number=number(2)),
        "number, level and date stay",
    ),
    "with another level": (
        lambda first: correcting(
            corrected=first, row=a_row(20, submission=OTHER_SUBMISSION, corrects=1, level=Level.JUNIOR)
        ),
        "number, level and date stay",
    ),
    "with another date": (
        lambda first: correcting(corrected=first, issued_on=THAT_DAY - DAY),
        "number, level and date stay",
    ),
    "with the date that its row says": (
        lambda first: correcting(
            corrected=first, row=a_row(20, submission=OTHER_SUBMISSION, corrects=1, issued_on=THAT_DAY - DAY)
        ),
        "number, level and date stay",
    ),
    "of another body's certificate": (other_body, "its number is another body's"),
    "with another name than its row says": (
        lambda first: correcting(corrected=first, holder_name="王五"),
        "the bytes do not say what was confirmed",
    ),
    "of a row that failed": (
        lambda first: correcting(
            corrected=first, row=a_row(20, submission=OTHER_SUBMISSION, corrects=1, theory=0, passed=False)
        ),
        "its result is not passed",
    ),
    "of itself": (
        lambda first: correcting(1, corrected=first, before=1),
        "entry 1 was signed before with other bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("cheat", "words"), CORRECTIONS.values(), ids=CORRECTIONS.keys())
def test_a_correction_names_the_entry_that_its_row_corrects(room, first, cheat, words):
    error = OtherContentForEntry if "signed before" in words else EvidenceRefused
    refused(room, cheat(first), words, error=error)


def test_a_correction_comes_after_what_it_corrects(room):
    rows = some_rows()
    signed(room, a_request(rows, items=[an_item(rows[0], 50, number=number(1))]))
    before = to_be_signed(rows[0], 50, number=number(1))

    request = correcting(7, corrects=50, corrected=before)

    refused(room, request, "entry 7 can not correct entry 50", error=WrongCorrection)


def test_a_correction_repeats_without_evidence_after_it_was_signed(room, first):
    request = correcting(corrected=first)
    tokens = signed(room, request)

    assert signed(room, repeats([request.items[0].to_be_signed])) == tokens
