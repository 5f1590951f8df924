"""Every code that a page or a command can show has its Chinese words."""

import ast
from pathlib import Path

import registry
from registry.assessment.status import SubmissionStatus
from registry.backup import public_word, readmission
from registry.certificate.lifecycle import Action, Reason, Status
from registry.console.texts import ACTS, FAULTS, SUBJECTS
from registry.documents.terms import ACTIONS, REASONS, STATUSES, STEPS, SUBMISSION_STATUSES
from registry.request.kinds import ASK, ENDED_BY
from signing.evidence import Step

# Acts whose rooms name them once, since they record them in several places.
NAMED = {public_word.ACT, readmission.ACT, ASK, *ENDED_BY}

ROOMS = Path(registry.__file__).parent


def recorded() -> list[ast.Call]:
    """Return every call in the register that writes an event."""
    trees = [ast.parse(path.read_text("utf-8")) for path in ROOMS.rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if getattr(call.func, "id", "") in ("record", "record_entries")]


def beginning(node: ast.expr) -> str | None:
    """Return the text of a constant, or what an f-string begins with."""
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_every_status_step_action_and_reason_has_words():
    assert set(STATUSES) == set(Status)
    assert set(SUBMISSION_STATUSES) == set(SubmissionStatus)
    assert set(STEPS) == set(Step)
    assert set(ACTIONS) == set(Action)
    assert set(REASONS) == set(Reason)


def test_every_act_that_is_recorded_has_words():
    texts = {beginning(call.args[1]) for call in recorded() if len(call.args) > 1}
    spelled = {text for text in texts if text and text != "decide_"}

    assert {"submit", "open_series", "create_account"} <= spelled
    assert spelled | NAMED | set(Action) | {f"decide_{step}" for step in Step} == set(ACTS)


def test_every_kind_of_subject_has_words():
    source = "".join(path.read_text("utf-8") for path in ROOMS.rglob("*.py"))

    for kind in SUBJECTS:
        assert f'f"{kind}:' in source or f'"{kind}"' in source


def test_every_fault_says_what_to_do():
    for title, remedy in FAULTS.values():
        assert title
        assert remedy.endswith("。")
