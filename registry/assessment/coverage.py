"""What the events of a submission vouch for."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from registry.assessment.tables import Result, Submission
from registry.journal.row_digest import digest_rows, values_of


def submission_digest(submission: Any, results: Iterable[Any]) -> bytes:
    """Return the digest of ``submit``: the submission, then its results by row; stored, or as they will be inserted."""
    return digest_rows(chain(values_of(Submission, [submission]), values_of(Result, results)))


def id_checks_digest(checks: Iterable[tuple[int, int | None]]) -> bytes:
    """Return the digest of ``check_ids``: row and ID check of every result, by row."""
    return digest_rows(checks)
