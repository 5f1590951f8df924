"""Living many lives at one place, in the same order every time; and one life with every trouble in it."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from registry.certificate.lifecycle import Status
from tests.life.desk import Tally
from tests.life.machine import Life
from tests.life.register_place import Place
from tests.life.troubles import Ending

ENOUGH = 5_000
STEPS = 60
LIVES = 120

REFUSALS = {
    "ClockBehind",
    "ConflictOfInterest",
    "CorrectionNotVoidable",
    "DecisionOutOfDate",
    "EpochNotOpen",
    "KeyNotValid",
    "NoSuchSubmission",
    "NotPermitted",
    "SeriesExhausted",
    "SeriesNotOpen",
    "SignerMissing",
    "SubmissionRefused",
    "TooLateToWithdraw",
    "UnknownEntry",
    "UnknownKey",
    "UnknownNumber",
    "UnlawfulTransition",
    "WithdrawnBefore",
}
"""What somebody must have run into, or the lives were not worth living."""

ON_THE_WAY = {Status.APPROVED, Status.REINSTATED}
ENDS = {
    *((str(status), False) for status in Status if status not in ON_THE_WAY),
    *(
        (str(status), True)
        for status in (Status.SIGNED, Status.RELEASED, Status.SUSPENDED, Status.SUPERSEDED)
    ),
}
"""How entries must have ended, first versions and corrections."""


def live(place: Place, new_folder: Callable[[], Path], *, lives: int = LIVES) -> Tally:
    """Live so many lives; return what was lived through. A register that breaks a law raises ``AssertionError``.

    Without shrinking: to make a life shorter takes many more lives than a test has time for.
    """
    tally = Tally()
    run_state_machine_as_test(
        lambda: Life(place, new_folder, tally),
        settings=settings(
            max_examples=lives,
            stateful_step_count=STEPS,
            phases=(Phase.generate,),
            deadline=None,
            database=None,
            derandomize=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return tally


def require_rich(tally: Tally) -> None:
    """Return if enough steps were lived, and everything that can happen did."""
    # Each life begins with a step that is not counted.
    assert tally.steps - tally.lives >= ENOUGH
    assert not REFUSALS - set(tally.refusals), REFUSALS - set(tally.refusals)
    assert not ENDS - set(tally.ends), ENDS - set(tally.ends)
    # The next release ends it, so few lives end with one.
    assert tally.reinstated
    assert set(tally.years) >= {2026, 2027}
    assert {trouble.ending for trouble in tally.troubles} >= {Ending.KILLED, Ending.LOST}
