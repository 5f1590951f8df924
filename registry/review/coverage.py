"""What the event of a decision vouches for."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from registry.journal.row_digest import digest_rows, values_of
from registry.review.tables import ReturnedRow, SignedDecision


def decision_digest(decision: SignedDecision, returned: Iterable[Any]) -> bytes:
    """Return the digest of ``decide_…``: the decision, then the rows it sent back, by row."""
    return digest_rows(chain(values_of(SignedDecision, [decision]), values_of(ReturnedRow, returned)))
