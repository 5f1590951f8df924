"""What was signed is signed again without evidence; what the journal forbids, no evidence allows."""

from keys.errors import NumberTaken, OtherContentForEntry
from keys.signer.request import Item, repeats
from tests.instants import NOON_UTC
from tests.keys.signer.evidence_world import (
    DAY,
    a_request,
    a_row,
    an_item,
    number,
    refused,
    signed,
    some_rows,
    to_be_signed,
)


def test_what_was_signed_is_signed_again_without_evidence(room):
    tokens = signed(room, a_request())
    asked = [item.to_be_signed for item in a_request().items]

    assert signed(room, repeats(asked)) == tokens
    assert signed(room, repeats(asked), now=NOON_UTC + 3000 * DAY) == tokens


def test_what_was_never_signed_is_not_signed_without_evidence(room):
    rows = some_rows()
    signed(room, a_request(rows, items=[an_item(rows[0])]))

    refused(
        room,
        repeats([to_be_signed(row, row.row) for row in rows]),
        "entry 2: no evidence comes with it, and it was not signed before",
    )


def test_a_repeat_goes_together_with_what_is_new(room):
    rows = some_rows()
    (token,) = signed(room, a_request(rows, items=[an_item(rows[0])]))
    mixed = a_request(rows, items=[Item(to_be_signed(rows[0], 1)), an_item(rows[1]), an_item(rows[2])])

    assert signed(room, mixed)[0] == token


def test_an_entry_gets_no_other_content_whatever_the_evidence_says(room):
    signed(room, a_request())
    other = an_item(a_row(2), 1, number=number(9))

    refused(
        room,
        a_request(items=[an_item(a_row(3)), other]),
        "entry 1 was signed before with other bytes",
        error=OtherContentForEntry,
    )


def test_a_number_gets_no_second_entry_whatever_the_evidence_says(room):
    signed(room, a_request())
    second = an_item(a_row(2), 9, number=number(1))

    refused(room, a_request(items=[second]), "its number was signed before, as entry 1", error=NumberTaken)


def test_a_number_or_an_entry_twice_in_one_request_is_refused(room):
    twice = a_request(items=[an_item(a_row(1), 1), an_item(a_row(2), 2, number=number(1))])
    refused(room, twice, "entry 2: its number was signed before, as entry 1", error=NumberTaken)

    again = a_request(items=[an_item(a_row(1), 1), an_item(a_row(2), 1, number=number(2))])
    refused(room, again, "entry 1 was signed before with other bytes", error=OtherContentForEntry)
