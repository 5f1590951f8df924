"""The staff's reading pages."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint, abort, current_app, render_template, request

from registry.assessment.status import SubmissionStatus
from registry.certificate.lifecycle import Status
from registry.civil_time import SHANGHAI
from registry.console import reading
from registry.console.submission_reading import PAGE, PAGE_OF_ROWS, submission_lines, submission_view
from registry.console.texts import ACTS, EDITIONS, SUBJECTS
from registry.directory.overview import overview as directory_overview
from registry.documents.terms import LEVELS, STATUSES, STEPS, SUBMISSION_STATUSES
from registry.draft.submitted_photos import PHOTO_STATES
from registry.installation import Installation
from registry.work.health import complaints, read_health
from registry.work.job import JOBS
from registry.work.submission_progress import submission_progress
from registry.work.words import CHINESE
from signing.statement import Occupation

# Nobody turns pages so far; a larger number would be no row count for a database.
LAST_PAGE = 1_000_000

console = Blueprint(
    "console",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/console-static",
)


def _installation() -> Installation:
    installation: Installation = current_app.extensions["certreg"]
    return installation


def _now() -> datetime:
    now: Callable[[], datetime] = current_app.extensions["certreg_now"]
    return now()


def _page() -> int:
    """Return the page that was asked for; the first if that is no number of a page."""
    page = request.args.get("page", 1, type=int)
    return page if 1 <= page <= LAST_PAGE else 1


@console.app_template_filter("beijing")
def beijing(instant: datetime) -> str:
    """Show an instant in China's time, to the minute."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@console.app_template_filter("lasting")
def lasting(span: timedelta) -> str:
    """Show how long something lasts, in its largest unit."""
    return CHINESE.duration(span)


@console.app_template_filter("points")
def points(tenths: int) -> str:
    """Show a score of tenths with its one decimal."""
    return f"{tenths // 10}.{tenths % 10}"


@console.app_template_filter("percent")
def percent(tenths: int | None) -> str:
    """Show a share in tenths of a percent; a share of nobody is none."""
    return "—" if tenths is None else f"{points(tenths)}%"


@console.app_template_filter("occupation_code")
def occupation_code(code: int) -> str:
    """Show an occupation's code as printed."""
    return Occupation(1, code).text


@console.app_context_processor
def words() -> dict[str, object]:
    """Give the templates, the pages of faults too, the Chinese words of the codes."""
    return {
        "acts": ACTS,
        "editions": EDITIONS,
        "environment": _installation().settings.environment,
        "levels": LEVELS,
        "photo_states": PHOTO_STATES,
        "statuses": STATUSES,
        "steps": STEPS,
        "subjects": SUBJECTS,
        "submission_statuses": SUBMISSION_STATUSES,
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
    installation, page = _installation(), _page()
    lines = installation.sessions.read(
        lambda session: submission_lines(session, installation.jurisdictions, page=page, now=_now())
    )
    return render_template("console/submissions.html", lines=lines, page=page, more=len(lines) == PAGE)


@console.get("/submissions/<uuid:submission_id>")
def submission(submission_id: UUID) -> str:
    """Show one submission: rows, statistics, decisions, certificates."""
    installation, page = _installation(), _page()
    view = installation.sessions.read(
        lambda session: submission_view(
            session, submission_id, installation.jurisdictions, page=page, now=_now()
        )
    )
    if view is None:
        abort(404)
    came = installation.sessions.read(lambda session: submission_progress(session, submission_id, now=_now()))
    more = page * PAGE_OF_ROWS < view.statistics.entered
    return render_template(
        "console/submission.html", view=view, line=view.line, progress=came, page=page, more=more
    )


@console.get("/health")
def health() -> str:
    """Show how the register's own work is getting on, and what of it somebody must see to."""
    found = _installation().sessions.read(lambda session: read_health(session, now=_now()))
    waiting = {each.job: each for each in found.backlog}
    return render_template(
        "console/health.html", health=found, waiting=waiting, complaints=complaints(found), jobs=JOBS
    )


@console.get("/series")
def series() -> str:
    """Show the number series."""
    return render_template("console/series.html", series=_installation().sessions.read(reading.open_series))


@console.get("/directory")
def directory() -> str:
    """Show the directory, with what is assumed marked as assumed."""
    found = _installation().sessions.read(directory_overview)
    return render_template("console/directory.html", directory=found, profiles=_installation().profiles)
