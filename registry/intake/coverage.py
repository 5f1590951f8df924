"""What the event of a withdrawal vouches for."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from registry.intake.tables import Withdrawal
from registry.journal.row_digest import digest_rows, values_of


def withdrawal_digest(withdrawal: Any, checks: Iterable[tuple[int, int | None]]) -> bytes:
    """Return the digest of ``withdraw``: its row, then row and ID check of every result, by row.

    The computing of ID checks may have been cut short, and no other event vouches for those that were stored then.
    """
    return digest_rows(chain(values_of(Withdrawal, [withdrawal]), checks))
