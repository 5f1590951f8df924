"""The photos of a draft: out of its archives, made into what the register keeps, each given to its row.

Of two archives the later one counts where both have a photo of a name. Making photos is what takes long in a check, so
it is done some hundreds at a time, and kept as it goes.
"""

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from registry.assessment.cell_reading import row_number
from registry.assessment.content import Column, Content
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault
from registry.assessment.form import SubmissionForm
from registry.draft.archives import HEADING, open_archives
from registry.draft.claiming import Claim, gained, renew
from registry.draft.kept_photos import Source, give_to_rows, keep_photos, photo_digests
from registry.draft.status import Phase
from registry.draft.workshop import Workshop
from registry.photo.archive import PhotoArchive, PhotoEntry
from registry.photo.errors import PhotoRefused
from registry.photo.many_photos import plain_photos
from registry.photo.matching import PhotoRow, match
from registry.photo.photo import Photo
from registry.shown_text import shown
from signing.id_check import IdType, canonical

STEP_PHOTOS: Final = 200
"""Photos in one step: a few seconds. The processes that decode them live for one step."""

KEPT_TOGETHER: Final = 50
"""Photos in one transaction: what a killed worker loses at most."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The digest of each row's photo, by the row's number, and what is wrong with photos or archives."""

    digests: Mapping[int, bytes]
    faults: tuple[Fault, ...]


NO_PICTURES: Final = Pictures({}, ())


@dataclass(frozen=True, slots=True)
class Sitters:
    """The rows as photos are matched to them, and where the clerk finds each, by its number."""

    rows: tuple[PhotoRow, ...]
    places: Mapping[int, int]
    heading: str


def sitters(content: Content, form: SubmissionForm | None) -> Sitters:
    """Return the rows that photos may belong to; where rows are faulty (``form`` is ``None``), those that can be told.

    Of faulty rows nobody knows who passed, so none is said to lack a photo.
    """
    places: dict[int, int] = {}
    told: list[PhotoRow] = []
    for row in content.rows:
        try:
            number = row_number(row.cells.get(Column.ROW, ""))
            id_type = IdType(row.cells.get(Column.ID_TYPE, ""))
        except (CellRefused, ValueError):
            continue
        places[number] = row.place
        told.append(PhotoRow(number, id_type, canonical(row.cells.get(Column.ID_NUMBER, "")), passed=False))
    if form is not None:
        told = [PhotoRow(row.row, row.id_type, row.id_number, row.passed) for row in form.rows]
    return Sitters(tuple(told), places, content.headings.get(Column.PHOTO, HEADING))


def make_photos(workshop: Workshop, claimed: Claim, who: Sitters) -> Generator[int, None, Pictures]:
    """Make the photos that are missing, and give each to its row; yields after each step how many photos that was.

    Durable after each 50. Raises ``Overtaken``, ``SealBroken``, ``DecoderUnavailable``.
    """
    sessions, sealer = workshop.sessions, workshop.personal.sealer
    with ExitStack() as opened:
        # 1. Open the archives.
        archives, faults = yield from open_archives(workshop, claimed, opened)
        # 2. Whose is what?
        named = {
            stem: (Source(file_id, entry.info.header_offset), entry)
            for file_id, archive in archives.items()
            for stem, entry in archive.names()
        }
        matching = match(list(named.items()), who.rows)
        faults += [
            Fault(
                None if told.row is None else who.places.get(told.row),
                who.heading,
                shown(told.stem or ""),
                told.code,
                told.message,
                told.remedy,
            )
            for told in matching.faults
        ]
        entries = dict(matching.photos.values())
        rows_of: defaultdict[Source, list[int]] = defaultdict(list)
        for number, (source, _) in matching.photos.items():
            rows_of[source].append(number)

        # 3. Those that were made before go to their rows, the others are made.
        def give(session: Session) -> list[Source]:
            renew(session, claimed, Phase.PHOTOS, 0, len(rows_of), now=workshop.now())
            return give_to_rows(session, sealer, claimed.draft_id, rows_of)

        missing = sessions.run(give)
        making = _Making(workshop, claimed, archives, rows_of, done=len(rows_of) - len(missing))
        waiting = iter(missing)
        while step := [(source, entries[source]) for source in islice(waiting, STEP_PHOTOS)]:
            for source, entry, why in making.make(step):
                faults += [
                    Fault(who.places.get(row), who.heading, entry.name, why.code, why.message, why.remedy)
                    for row in rows_of[source]
                ]
            yield len(step)
    digests = sessions.read(lambda session: photo_digests(session, claimed.draft_id))
    return Pictures(digests, tuple(faults))


Refused = tuple[Source, PhotoEntry, PhotoRefused]


@dataclass(slots=True)
class _Making:
    """Photos being made, a step at a time, and kept as they come; ``done`` counts those that need no more work."""

    workshop: Workshop
    claimed: Claim
    archives: Mapping[UUID, PhotoArchive]
    rows_of: Mapping[Source, Sequence[int]]
    done: int

    def make(self, step: Sequence[tuple[Source, PhotoEntry]]) -> list[Refused]:
        """Make and keep these photos; return those that can not be made. Raises ``Overtaken``."""
        refused: list[Refused] = []
        entries = dict(step)
        made: list[tuple[Source, Photo]] = []
        for source, outcome in plain_photos(self._files(step, refused)):
            if isinstance(outcome, PhotoRefused):
                refused.append((source, entries[source], outcome))
                continue
            made.append((source, outcome))
            if len(made) == KEPT_TOGETHER:
                self._keep(made, len(made))
                made = []
        self._keep(made, len(made) + len(refused))
        return refused

    def _files(
        self, step: Sequence[tuple[Source, PhotoEntry]], refused: list[Refused]
    ) -> Iterator[tuple[Source, bytes]]:
        for source, entry in step:
            try:
                yield source, self.archives[source.file_id].open(entry)
            except PhotoRefused as refusal:
                refused.append((source, entry, refusal))

    def _keep(self, made: Sequence[tuple[Source, Photo]], finished: int) -> None:
        workshop, claimed, now = self.workshop, self.claimed, self.workshop.now()
        done = self.done + finished

        def act(session: Session) -> None:
            renew(session, claimed, Phase.PHOTOS, done, len(self.rows_of), now=now)
            if made:
                keep_photos(session, workshop.personal.sealer, claimed.draft_id, made, self.rows_of)
                gained(session, claimed)

        workshop.sessions.run(act)
        self.done = done
