"""Which acts have leaves: what a restore found out is told as what became of the entry."""

import pytest

from registry.journal.leaves import Told, leaf_count, leaf_kind
from signing.log.leaf import LeafKind


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("suspended", "released", LeafKind.REINSTATE),
        # Its act of reinstating has the leaf, and the public knew of it.
        ("reinstated", "released", None),
        ("reinstated", "suspended", LeafKind.SUSPEND),
        ("reinstated", "revoked", LeafKind.REVOKE),
        ("released", "suspended", LeafKind.SUSPEND),
        ("signed", "released", None),
    ],
)
def test_a_restore_tells_what_the_public_was_told(before, after, kind):
    told = Told("restore", {"before": before, "after": after}, 3, 5)

    assert leaf_kind(told) is kind
    assert leaf_count(told) == (0 if kind is None else 3)


def test_a_suspension_and_its_end_are_told_and_the_release_of_it_is_not():
    acts = ("suspend", "reinstate", "release")

    assert [leaf_kind(Told(act, {}, 1, 1)) for act in acts] == [LeafKind.SUSPEND, LeafKind.REINSTATE, None]
