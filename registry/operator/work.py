"""The register's own work, bound to this installation's keys and public files: for the worker, and for one command.

Whatever a crash interrupted is found again by state. What one submission lacks (a series that nobody opened) keeps no
other waiting.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from keys.errors import KeysError
from registry.certificate.line import Line, Workshop
from registry.certificate.refusals import HeldBack, Refusals
from registry.certificate.release import release_signed
from registry.errors import RegistryError
from registry.installation import Installation
from registry.intake.id_checks import compute_id_checks, submissions_awaiting_id_checks
from registry.log.errors import LogError
from registry.log.growth import PublicLog
from registry.operator.custody import Custody
from registry.operator.log_keeping import is_public, open_log, show_in_log, shown_size
from registry.operator.progress import Progress
from registry.operator.public_tree import is_whole, publish
from registry.operator.working_keys import KnownEntries, WorkingKeys
from registry.people.permission import Actor
from registry.work.chaining import chain_all
from registry.work.drafting import Drafting
from registry.work.faults import first_of
from registry.work.forgetting import Forgetting
from registry.work.id_checking import IdChecking
from registry.work.issuing import Issuing, unnumbered, unsigned
from registry.work.job import Job, Task
from registry.work.log_growing import log_all
from registry.work.numbering import Numbering
from registry.work.publishing import Publishing
from signing.status import Status


@dataclass(frozen=True, slots=True)
class Issued:
    """How many entries were numbered, signed and released, which submissions could not be numbered, and which
    entries could not be signed.
    """

    numbered: int
    signed: int
    released: int
    held_back: Mapping[UUID, RegistryError]
    refused: Mapping[int, Exception]

    @property
    def left_behind(self) -> list[str]:
        """What could not be done, for an operator; of each kind the first 20, and how many others."""
        return [*first_of(unnumbered(self.held_back)), *first_of(unsigned(self.refused))]

    @property
    def anything(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.numbered or self.signed or self.released or self.held_back or self.refused)


def prepare(installation: Installation, custody: Custody, *, now: datetime, progress: Progress) -> int:
    """Compute the ID checks of all submissions that wait for them; return how many rows that were."""
    salt, rows = custody.trust.salt, 0
    for submission_id in installation.sessions.read(submissions_awaiting_id_checks):
        sealer = installation.personal.sealer
        rows += compute_id_checks(
            installation.sessions, sealer, salt, submission_id, now=now, progress=progress
        )
    return rows


def issue(
    installation: Installation,
    custody: Custody,
    actor: Actor,
    *,
    now: Callable[[], datetime],
    progress: Progress,
    submissions: Sequence[UUID] | None = None,
) -> Issued:
    """Number, sign and release all that is approved, or what of it is in these submissions.

    Signing and release take up whatever an earlier round left, too. ``now`` is asked for
    every batch; ``progress`` is told each entry three times.
    """
    workshop = Workshop(
        installation.sessions,
        actor,
        custody.certificate_signers(),
        installation.profiles,
        installation.settings.environment,
        custody.trust,
        KnownEntries(custody)(),
        partial(show_in_log, installation, custody, now=now),
        partial(shown_size, custody),
    )
    held_back: dict[UUID, RegistryError] = {}
    with Line(workshop, now=now, progress=progress) as line:
        numbering = Numbering(installation.sessions, line.number)
        # Each turn is of a few batches; the first that finds nothing to number was the last.
        while any(list(numbering.turn(submissions))):
            held_back |= numbering.held_back
        held_back |= numbering.held_back
        line.finish_behind()
    counts = line.counts
    refused = {**counts.refused, **counts.unreleased}
    return Issued(counts.numbered, counts.signed, counts.released, held_back, refused)


def show_reinstated(
    installation: Installation, custody: Custody, actor: Actor, *, now: Callable[[], datetime]
) -> str | None:
    """Bring lifted suspensions before the witnesses of the log, and release what they signed.

    Returns why the log could not be brought before them, ``None`` if it was, or there is none; a worker goes on then.
    """
    why = None
    try:
        show_in_log(installation, custody, now=now)
    except (LogError, KeysError) as refusal:
        why = str(refusal)
    held_back: HeldBack = Refusals()
    shown = shown_size(custody)
    while release_signed(
        installation.sessions, actor, custody.trust, now=now(), held_back=held_back, shown=shown
    ):
        pass
    return why


def tasks(
    installation: Installation,
    keys: WorkingKeys,
    actor: Callable[[], Actor],
    *,
    worker: str,
    now: Callable[[], datetime],
    published: Callable[[Status], None],
) -> list[Task]:
    """Return the jobs of the worker of this name, in the order of its rounds.

    ``published`` is told each status that came out.
    """
    drafting = Drafting(installation, worker=worker, now=now)
    checking = IdChecking(installation, salt=lambda: keys.custody.trust.salt, now=now)
    issuing = Issuing(
        installation,
        actor,
        signers=keys.signers,
        trust=lambda: keys.custody.trust,
        known_entries=keys.known_entries,
        now=now,
        shown=lambda: shown_size(keys.custody),
    )

    opened: list[PublicLog | None] = [None]

    def log() -> PublicLog | None:
        opened[0] = open_log(installation, keys.custody, now=now)
        return opened[0]

    def is_shown() -> bool:
        return is_public(installation, keys.custody)

    def doubts() -> list[str]:
        return first_of(opened[0].doubts if opened[0] else [])

    publishing = Publishing(
        installation.sessions,
        publish=lambda: published(publish(installation, keys.custody, now=now())),
        is_whole=lambda: is_whole(installation, keys.custody),
        now=now,
    )
    return [
        Task(Job.DRAFTS, drafting.batches, drafting.left_behind, drafting.put_all_down),
        Task(Job.ID_CHECKS, checking.batches, checking.left_behind),
        Task(Job.NUMBER, partial(_renewing, keys, issuing.number), lambda: unnumbered(issuing.held_back)),
        Task(Job.SIGN, partial(_renewing, keys, issuing.sign), lambda: unsigned(issuing.refused)),
        Task(
            Job.LOG,
            partial(log_all, installation.sessions, log, now=now, is_shown=is_shown),
            doubts,
        ),
        Task(Job.RELEASE, issuing.release, lambda: unsigned(issuing.unreleased)),
        # What was released has its place before anybody asks whether there is anything to publish.
        Task(Job.CHAIN, partial(chain_all, installation.sessions)),
        Task(Job.PUBLISH, publishing.batches),
        Task(Job.FORGET, Forgetting(installation.sessions, now=now).batches),
    ]


def _renewing(keys: WorkingKeys, batches: Callable[[], Iterator[int]]) -> Iterator[int]:
    """Open keys and journal anew after a fault of theirs: a journal that failed once admits nothing any more."""
    try:
        yield from batches()
    except (KeysError, OSError):
        keys.renew()
        raise
