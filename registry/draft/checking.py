"""The check of a draft by a worker: step by step, each step noted, so that none is long and none is done for nothing.

1. Read the file of results, and merge the corrections.
2. Check the rows, by the same function as a file handed in directly; then what only the register knows: rows that
   correct a certificate, and people who passed before.
3. Make the photos that are missing, and see whose each is.
4. All right: settle the content. Anything wrong: keep all faults of all of it.

Not checked here: the body's signature, which comes after, and whether all this still holds when it does.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from registry.assessment.checking import check
from registry.assessment.content import Column, Content
from registry.assessment.errors import CellRefused, SubmissionRefused
from registry.assessment.fault import Fault
from registry.assessment.form import SubmissionForm
from registry.assessment.reading import read_content
from registry.assessment.settled import settled_json
from registry.civil_time import civil_date
from registry.directory.body_view import body_view
from registry.draft.archives import has_archives
from registry.draft.claiming import Claim
from registry.draft.corrections import Merging, read_correction
from registry.draft.files import Kind, files_of, plain_file
from registry.draft.outcome import CHECK_GIVEN_UP, keep_faults, keep_settled
from registry.draft.photographing import NO_PICTURES, Pictures, make_photos, sitters
from registry.draft.status import Phase
from registry.draft.workshop import Workshop, note
from registry.intake.claims import wrong_claims
from registry.intake.corrections import resolve_corrections
from registry.intake.duplicates import faults_of_duplicates
from registry.intake.whereabouts import Whereabouts

OTHER_PHOTO: Final = CellRefused(
    "other_photo", "与照片压缩包中此人的照片不符，或没有此人的照片", "请删去此项，由系统按压缩包填写"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the rows found.

    ``content`` is ``None`` if the file could not be read, ``form`` if anything is wrong with its rows.
    """

    content: Content | None
    form: SubmissionForm | None
    faults: tuple[Fault, ...]


def check_draft(workshop: Workshop, claimed: Claim) -> Generator[int, None, None]:
    """Check a draft that was claimed; yields after each step how many rows or photos that was.

    Durable at the end: the outcome. Before that: the photos that were made, which no later check makes again.
    Raises ``Overtaken``, or ``SealBroken`` if what was stored does not open.
    """
    sessions, sealer = workshop.sessions, workshop.personal.sealer
    if claimed.given_up:
        keep_faults(sessions, sealer, claimed, None, [CHECK_GIVEN_UP])
        yield 1
        return
    found = look(workshop, claimed)
    yield _weight(found)
    if found.content is not None and sessions.read(lambda session: has_archives(session, claimed.draft_id)):
        who = sitters(found.content, found.form)
        # Photos take minutes, and their worker many at a time: the rows are let go of, and looked at once more.
        del found
        pictures = yield from make_photos(workshop, claimed, who)
        found = look(workshop, claimed)
    else:
        pictures = NO_PICTURES
    _conclude(workshop, claimed, found, pictures)
    yield 1


def _conclude(workshop: Workshop, claimed: Claim, found: Found, pictures: Pictures) -> None:
    """Keep what came of it."""
    sessions, sealer = workshop.sessions, workshop.personal.sealer
    note(workshop, claimed, Phase.SETTLING, 0, _weight(found))
    content, form = found.content, found.form
    faults = (*found.faults, *pictures.faults)
    if content is not None and form is not None:
        faults = *faults, *_faults_of_claims(content, form, pictures)
    if faults or content is None or form is None:
        keep_faults(sessions, sealer, claimed, content, sorted(faults, key=_in_order))
        return
    form = replace(form, rows=tuple(replace(row, photo=pictures.digests.get(row.row)) for row in form.rows))
    try:
        settled = settled_json(form, draft=claimed.draft_id, replaces=claimed.replaces)
    except SubmissionRefused as refused:
        keep_faults(sessions, sealer, claimed, content, refused.faults)
        return
    keep_settled(sessions, sealer, claimed, content, form, settled)


def _faults_of_claims(content: Content, form: SubmissionForm, pictures: Pictures) -> Iterator[Fault]:
    """Yield the rows that name a photo themselves, and another one than theirs: a file may only repeat what is so."""
    whereabouts = Whereabouts(content)
    for row in form.rows:
        if row.photo is not None and row.photo != pictures.digests.get(row.row):
            yield whereabouts.fault(row.row, Column.PHOTO, row.photo.hex(), OTHER_PHOTO)


def _in_order(fault: Fault) -> int:
    return -1 if fault.row is None else fault.row


def look(workshop: Workshop, claimed: Claim) -> Found:
    """Read the rows and check them, but for their photos."""
    # 1. What is there?
    note(workshop, claimed, Phase.READING, 0, 0)
    try:
        content = _read(workshop, claimed)
    except SubmissionRefused as refused:
        return Found(None, None, refused.faults)
    claims = wrong_claims(content, claimed.draft_id, claimed.replaces)
    content = replace(content, faults=(*content.faults, *claims))
    # 2. The rows, by themselves and together.
    note(workshop, claimed, Phase.ROWS, 0, len(content.rows))
    view = workshop.sessions.read(lambda session: body_view(session, claimed.issuer))
    today = civil_date(workshop.now())
    try:
        form = check(content, view, today=today, jurisdictions=workshop.jurisdictions)
    except SubmissionRefused as refused:
        return Found(content, None, refused.faults)
    # 3. What only the register knows.
    match = workshop.personal.matcher.match
    matches = {row.row: match(row.id_type, row.id_number) for row in form.rows}
    whereabouts = Whereabouts(content)

    def known_faults(session: Session) -> tuple[Fault, ...]:
        old = claimed.replaces
        corrected, faults = resolve_corrections(session, form, whereabouts, replaces=old)
        known = faults_of_duplicates(session, form, matches, corrected, whereabouts, replaces=old)
        return *faults, *known

    return Found(content, form, workshop.sessions.read(known_faults))


def _read(workshop: Workshop, claimed: Claim) -> Content:
    """Return the file of results with its corrections in it. Raises ``SubmissionRefused`` or ``Overtaken``.

    Of many sets of corrections one is in memory at a time, and the claim is renewed after each.
    """
    sessions, sealer = workshop.sessions, workshop.personal.sealer
    files = sessions.read(lambda session: files_of(session, claimed.draft_id, Kind.RESULTS, Kind.CORRECTIONS))
    results, *corrections = sorted(files, key=lambda file: (file.kind != Kind.RESULTS, file.position))
    base = read_content(plain_file(sessions, sealer, results), results.media_type)
    if not corrections:
        return base
    merging = Merging(base)
    for number, file in enumerate(corrections, start=1):
        merging.take(read_correction(plain_file(sessions, sealer, file), file.media_type))
        note(workshop, claimed, Phase.READING, number, len(corrections))
    return merging.content()


def _weight(found: Found) -> int:
    return len(found.content.rows) if found.content else 1
