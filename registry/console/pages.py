"""The staff's reading pages."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, abort, current_app, render_template, request

from registry.assessment.status import SubmissionStatus
from registry.certificate.lifecycle import Status
from registry.civil_time import SHANGHAI
from registry.console import reading
from registry.console.texts import STATUSES, STEPS, SUBMISSION_STATUSES
from registry.documents.terms import LEVELS
from registry.directory.overview import overview as directory_overview
from registry.installation import Installation
from signing.statement import Occupation

console = Blueprint(
    "console", __name__, template_folder="templates", static_folder="static", static_url_path="/console-static"
)


def _installation() -> Installation:
    installation: Installation = current_app.extensions["certreg"]
    return installation


@console.app_template_filter("beijing")
def beijing(instant: datetime) -> str:
    """Show an instant in China's time, to the minute."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@console.app_template_filter("points")
def points(tenths: int) -> str:
    """Show a score of tenths with its one decimal."""
    return f"{tenths // 10}.{tenths % 10}"


@console.app_template_filter("occupation_code")
def occupation_code(code: int) -> str:
    """Show an occupation's code as printed."""
    return Occupation(1, code).text


@console.context_processor
def names() -> dict[str, object]:
    """Give the templates the Chinese words of the codes."""
    return {
        "levels": LEVELS,
        "statuses": STATUSES,
        "steps": STEPS,
        "submission_statuses": SUBMISSION_STATUSES,
        "environment": _installation().settings.environment,
    }


@console.get("/")
def index() -> str:
    """Show how the register stands."""
    found = _installation().sessions.read(reading.overview)
    return render_template(
        "console/index.html", overview=found, entry_statuses=list(Status), stages=list(SubmissionStatus)
    )


@console.get("/submissions")
def submissions() -> str:
    """List the submissions, those that wait for somebody first."""
    installation, now = _installation(), datetime.now(UTC)
    page = max(1, request.args.get("page", 1, type=int))
    lines = installation.sessions.read(
        lambda session: reading.submission_lines(session, installation.jurisdictions, page=page, now=now)
    )
    return render_template("console/submissions.html", lines=lines, page=page, full=len(lines) == reading.PAGE)


@console.get("/submissions/<uuid:submission_id>")
def submission(submission_id: UUID) -> str:
    """Show one submission: rows, statistics, decisions, certificates."""
    installation, now = _installation(), datetime.now(UTC)
    line = installation.sessions.read(
        lambda session: reading.submission_line(session, submission_id, installation.jurisdictions, now=now)
    )
    if line is None:
        abort(404)
    rows = installation.sessions.read(lambda session: reading.result_lines(session, submission_id))
    decisions = installation.sessions.read(lambda session: reading.decision_lines(session, submission_id))
    return render_template("console/submission.html", line=line, rows=rows, decisions=decisions)


@console.get("/series")
def series() -> str:
    """Show the number series."""
    return render_template("console/series.html", series=_installation().sessions.read(reading.open_series))


@console.get("/directory")
def directory() -> str:
    """Show the directory, with what is assumed marked as assumed."""
    found = _installation().sessions.read(directory_overview)
    return render_template("console/directory.html", directory=found, profiles=_installation().profiles)
