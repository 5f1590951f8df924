import ast
import os
import signal
from pathlib import Path

import pytest

from keys.crash_points import POINTS, CrashMode, arm, arm_from, around, disarm, reach
from keys.errors import CrashPointRefused
from tests.keys.small_register import ENVIRONMENT, ending_of

ROOT = Path(__file__).parents[2]
NAME = "sign.journalled"


@pytest.fixture(autouse=True)
def unarmed():
    yield
    disarm()


def armed(mode, **options):
    arm(NAME, mode, environment=ENVIRONMENT, **options)


def test_an_unarmed_point_does_nothing():
    done = []
    for name in POINTS:
        reach(name)
        with around(name):
            done.append(name)

    assert done == list(POINTS)


def test_a_killed_process_runs_nothing_more():
    def act():
        armed(CrashMode.KILL)
        try:
            reach(NAME)
        finally:
            os._exit(3)

    assert ending_of(act) == -signal.SIGKILL


def test_an_error_comes_in_the_place_of_the_act():
    done = []
    armed(CrashMode.ERROR)

    with pytest.raises(OSError, match=r"crash point sign\.journalled"), around(NAME):
        done.append("act")

    assert done == []


def test_an_error_may_come_although_the_act_was_done():
    done = []
    armed(CrashMode.DONE)

    with pytest.raises(OSError, match="crash point"), around(NAME):
        done.append("act")

    assert done == ["act"]


@pytest.mark.parametrize("mode", [CrashMode.ERROR, CrashMode.DONE])
def test_a_point_without_an_act_raises_the_error_that_was_given(mode):
    armed(mode, error=LookupError("lost"))

    with pytest.raises(LookupError, match="lost"):
        reach(NAME)


def test_an_act_that_fails_by_itself_keeps_its_own_error():
    armed(CrashMode.DONE)

    with pytest.raises(ZeroDivisionError), around(NAME):
        raise ZeroDivisionError


@pytest.mark.parametrize("held", [False, True])
def test_a_hang_ends_by_itself_and_the_act_is_done(held, monkeypatch):
    slept, done = [], []
    monkeypatch.setattr("keys.crash_points.time.sleep", slept.append)
    armed(CrashMode.HANG, hang_seconds=7)

    if held:
        with around(NAME):
            done.append("act")
    else:
        reach(NAME)

    assert (slept, done) == ([7], ["act"] if held else [])


def test_a_point_trips_once_at_the_hit_that_was_asked_for():
    armed(CrashMode.ERROR, on_hit=3)

    reach(NAME)
    with around(NAME):
        reach("sign.signed")
    with pytest.raises(OSError, match="crash point"):
        reach(NAME)
    reach(NAME)


def test_nothing_is_armed_in_production():
    for act in (
        lambda: arm(NAME, CrashMode.ERROR, environment="production"),
        lambda: arm_from(f"{NAME}:error", environment="production"),
    ):
        with pytest.raises(CrashPointRefused, match="never in production"):
            act()

    reach(NAME)
    arm_from("", environment="production")


def test_a_text_arms_several_points():
    arm_from(f"{NAME}:error:2,sign.signed:done", environment=ENVIRONMENT)

    reach(NAME)
    for name in (NAME, "sign.signed"):
        with pytest.raises(OSError, match="crash point"):
            reach(name)


REFUSED = [
    ("sign.jurnalled:error", "no crash point of this name"),
    (":error", "no crash point of this name"),
    (NAME, "the mode is one of kill, error, done, hang"),
    (f"{NAME}:explode", "the mode is one of"),
    (f"{NAME}:error:0", "counts from 1"),
    (f"{NAME}:error:-1", "the hit is a number"),
    (f"{NAME}:error:two", "the hit is a number"),
    (f"{NAME}:error:²", "the hit is a number"),
    (f"{NAME}:error:1:1", "the hit is a number"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_a_text_that_says_nothing_armable_is_refused(text, why):
    with pytest.raises(CrashPointRefused, match=why):
        arm_from(text, environment=ENVIRONMENT)

    reach(NAME)


@pytest.mark.parametrize("seconds", [0, -1, 61, float("inf"), float("nan")])
def test_a_hang_is_bounded(seconds):
    with pytest.raises(CrashPointRefused, match="at most 60 seconds"):
        armed(CrashMode.HANG, hang_seconds=seconds)


def test_a_wrong_name_raises_as_soon_as_any_point_is_armed():
    armed(CrashMode.ERROR, on_hit=9)

    with pytest.raises(CrashPointRefused):
        reach("sign.jurnalled")
    with pytest.raises(CrashPointRefused), around("sign.jurnalled"):
        pass


def placed_in(path):
    """Yield the first argument of every ``reach`` and ``around`` of a module that imports them from here."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    here = [node for node in imports if node.module == "keys.crash_points"]
    names = {alias.name for node in here for alias in node.names} & {"reach", "around"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield ast.literal_eval(node.args[0])


def test_every_point_that_the_code_names_is_in_the_table():
    modules = [path for package in ("keys", "registry") for path in (ROOT / package).rglob("*.py")]
    placed = {name for path in modules for name in placed_in(path)}

    assert placed <= set(POINTS)
    assert {"sign.before_journal", "journal.write", "journal.fsync", NAME, "sign.signed"} <= placed
