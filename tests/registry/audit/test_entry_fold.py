"""The fold of events, without any row."""

from datetime import timedelta

import pytest

from registry.audit.entry_fold import fold
from registry.audit.events import Stored
from registry.certificate.lifecycle import Status
from tests.instants import NOON


def event(act, first, last, *, at=0, digest=None, **details):
    instant = NOON + timedelta(seconds=at)
    return Stored(at + 1, instant, None, act, "entry", details, first, last, digest, at + 1, None)


NUMBER = event("number", 1, 3, digest=b"d")
SIGN = event("sign", 1, 2, at=1, before="numbered", after="signed")
LOST = event("restore", 1, 1, digest=b"d", after="released", known="signer")
RELEASE = event("release", 1, 1, at=2, before="signed", after="released")


def test_a_run_moves_all_its_entries_and_no_other():
    found = fold(1, 3, [NUMBER, SIGN, RELEASE])

    assert [standing.status for standing in found.standings] == ["released", "signed", "numbered"]
    assert [standing.signed for standing in found.standings] == [True, True, False]
    assert [standing.changed_at for standing in found.standings] == [RELEASE.at, SIGN.at, NUMBER.at]
    assert found.faults == ()


def test_a_range_within_a_run_is_folded_by_itself():
    assert [standing.status for standing in fold(2, 2, [NUMBER, SIGN, RELEASE]).standings] == [Status.SIGNED]


LIFTED = [
    NUMBER,
    SIGN,
    RELEASE,
    event("suspend", 1, 1, at=3, before="released", after="suspended"),
    event("reinstate", 1, 1, at=4, before="suspended", after="reinstated"),
]


def test_a_lifted_suspension_is_released_once_more():
    again = event("release", 1, 1, at=5, before="reinstated", after="released")

    before, after = fold(1, 1, LIFTED), fold(1, 1, [*LIFTED, again])

    assert (before.faults, after.faults) == ((), ())
    assert before.standings[0].status == "reinstated"
    assert (after.standings[0].status, after.standings[0].changed_at) == ("released", again.at)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([NUMBER, NUMBER], "it numbers an entry that is numbered"),
        ([SIGN], "it may not sign an entry that is not numbered"),
        ([NUMBER, RELEASE], "it may not release an entry that is numbered"),
        (
            [NUMBER, event("sign", 1, 1, at=1, before="signed", after="released")],
            "it tells signed to released, and it was numbered to signed",
        ),
        (
            [*LIFTED[:-1], event("reinstate", 1, 1, at=4, before="suspended", after="released")],
            "it tells suspended to released, and it was suspended to reinstated",
        ),
        (
            [*LIFTED[:-1], event("release", 1, 1, at=4, before="suspended", after="released")],
            "it may not release an entry that is suspended",
        ),
        ([NUMBER, event("readmit", 1, 1, at=1, digest=b"d")], "it readmits an entry that was not lost"),
        ([NUMBER, event("readmit", 1, 1, at=1, digest=b"d")], "it does not say what the entry had been"),
        ([LOST, event("readmit", 1, 1, at=1, digest=b"d", regained=["status"])], "it does not say what"),
        ([LOST, event("readmit", 1, 1, at=1, digest=b"d", regained=[["token"]])], "it does not say what"),
        ([NUMBER, event("restore", 1, 1, at=1, before="released", after="void")], "as if it were released"),
        ([NUMBER, event("restore", 1, 1, at=1, digest=b"d", after="void")], "it makes an entry anew"),
        ([event("restore", 1, 1, digest=b"d")], "it does not say what the entry is now"),
    ],
)
def test_an_unlawful_move_is_told(events, why):
    assert any(why in finding.what for finding in fold(1, 1, events).faults)


def test_a_lost_entry_that_comes_back_is_vouched_for_twice():
    lost = event("restore", 5, 5, digest=b"d", after="released", known="signer")
    back = event("readmit", 5, 5, at=1, digest=b"e", regained=["bytes", "token"])

    folded = fold(5, 5, [lost, back])
    standing = folded.standings[0]

    assert folded.faults == ()
    assert (standing.status, standing.signed, standing.covers) == ("released", True, [lost.id, back.id])
    assert standing.changed_at == lost.at
