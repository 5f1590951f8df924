"""Refusals that are kept hold what they say, and nothing of where they came from."""

from registry.certificate.line import Counts
from registry.certificate.refusals import Refusals


def refused() -> ValueError:
    """Return a refusal that came through frames, and from another one."""
    try:
        try:
            raise KeyError("within")
        except KeyError as cause:
            raise ValueError("why") from cause
    except ValueError as refusal:
        return refusal


def test_a_refusal_is_stripped_when_it_is_put_in():
    refusals = Refusals[int, Exception]()
    refusals[7] = refused()

    assert str(refusals[7]) == "why"
    assert refusals[7].__traceback__ is None
    assert refusals[7].__cause__ is refusals[7].__context__ is None


def test_a_line_keeps_what_could_not_be_signed_so():
    counts = Counts()
    counts.refused[7] = refused()

    assert counts.refused[7].__traceback__ is None
