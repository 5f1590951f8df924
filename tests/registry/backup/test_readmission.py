"""Lost certificates made whole: by the signer once more, or by a token that comes back."""

import pytest
from sqlalchemy import select

from registry.assessment.tables import Submission
from registry.backup.errors import NotReadmitted
from registry.backup.outside import Outside
from registry.backup.readmission import open_returned, readmit, sign_again
from registry.certificate.coverage import numbered_digest
from registry.certificate.tables import Certificate
from registry.directory.profiles import load_profiles
from registry.journal.tables import Event
from signing.errors import SigningError
from tests.registry.backup.drill import NEXT_DAY, issued_counts, stated, tokens
from tests.registry.world import ENVIRONMENT


def readmitted(drill, world, token, *, digest=None):
    """Readmit a token with what the signer's journal has for it, or another digest."""
    returned = open_returned(token, drill.world.trust)
    known = {signed.entry: signed.digest for signed in drill.world.journal.entries()}
    return world.sessions.run(
        lambda session: readmit(
            session,
            world.registrar,
            returned,
            load_profiles(),
            signed_digest=digest or known.get(returned.statement.entry),
            environment=ENVIRONMENT,
            now=NEXT_DAY,
        )
    )


def lost(drill, *, before=0):
    """Return a world restored to before its last three certificates, and the tokens that people hold."""
    if before:
        drill.world.issued(*drill.world.rows(before))
    drill.back_up()
    drill.world.issued()
    held = tokens(drill.world)
    world, _ = drill.restore(drill.outside(drill.status()))
    return world, held


def test_the_signer_gives_the_tokens_of_results_that_were_found_again(drill):
    submission = drill.world.reviewed(*drill.world.rows(3))
    drill.back_up()
    drill.world.number(submission)
    drill.world.sign()
    drill.world.release()
    held = tokens(drill.world)
    world, _ = drill.restore(drill.outside(drill.status()))
    assert set(tokens(world).values()) == {None}

    assert sign_again(world.sessions, world.registrar, world.signers, now=NEXT_DAY) == 3
    assert sign_again(world.sessions, world.registrar, world.signers, now=NEXT_DAY) == 0

    assert tokens(world) == held
    events = world.all(select(Event).where(Event.act == "readmit"))
    assert [event.digest for event in events] == [numbered_digest([], [entry]) for entry in world.entries()]
    assert [event.details for event in events] == [{"regained": ["token"]}] * 3


def test_a_token_that_comes_back_is_stored_again(drill):
    world, held = lost(drill, before=2)

    for entry in (3, 4, 5):
        readmitted(drill, world, held[entry])

    assert tokens(world) == held
    assert world.statuses() == ["released"] * 5
    (event, *_) = world.all(select(Event).where(Event.act == "readmit"))
    assert (event.first_entry, event.digest) == (3, numbered_digest([], [world.entry(3)]))
    assert event.details == {"regained": ["bytes", "token"]}


def test_its_result_is_found_if_it_was_handed_in_again(drill):
    drill.back_up()
    content = drill.world.file(*drill.world.rows(2))
    handed_in = drill.world.signed(content)
    submission = drill.world.submit(handed_in).submission_id
    road(drill.world, submission)
    held = tokens(drill.world)
    world, _ = drill.restore(drill.outside(drill.status()))
    again = world.submit(handed_in).submission_id
    world.compute_id_checks(again)

    for token in held.values():
        readmitted(drill, world, token)
    for _ in range(3):
        world.decide(again)

    assert world.number(again) == 0
    assert all(entry.result_id for entry in world.entries())
    events = world.all(select(Event).where(Event.act == "readmit"))
    assert [event.details for event in events] == [{"regained": ["bytes", "result", "token"]}] * 2
    assert all(world.all(select(Submission.all_numbered)))


def road(world, submission):
    world.compute_id_checks(submission)
    for _ in range(3):
        world.decide(submission)
    world.number(submission)
    world.sign()
    world.release()


def test_a_token_comes_back_to_a_number_that_was_only_stated(drill):
    drill.back_up()
    (number,) = drill.world.issued(drill.world.row(1))
    held = tokens(drill.world)
    key = next(key for key, n in issued_counts(drill.world).items() if n)
    outside = drill.outside(drill.status(), signed=None, stated=stated(1, **{key: 1}))
    world, _ = drill.restore(outside)
    assert world.entry(1).certificate_id is None

    readmitted(drill, world, held[1])

    assert world.entry(1).version == 1
    (event,) = world.all(select(Event).where(Event.act == "readmit"))
    assert event.details == {"regained": ["bytes", "number", "token"]}
    assert number in world.all(select(Certificate.number))


def test_a_token_of_other_bytes_than_the_signer_knows_is_refused(file_drill):
    world, held = lost(file_drill)

    with pytest.raises(NotReadmitted, match="journal"):
        readmitted(file_drill, world, held[1], digest=bytes(32))


def test_a_token_that_does_not_verify_is_refused(file_drill):
    world, held = lost(file_drill)

    with pytest.raises(SigningError):
        readmitted(file_drill, world, held[1][:-1] + bytes([held[1][-1] ^ 1]))


def test_a_token_that_was_not_lost_is_refused(file_drill):
    world, held = lost(file_drill, before=1)

    with pytest.raises(NotReadmitted, match="not lost"):
        readmitted(file_drill, world, held[1])


def test_a_voided_entry_is_not_readmitted(file_drill):
    file_drill.back_up()
    file_drill.world.numbered()
    file_drill.world.sign()
    held = tokens(file_drill.world)
    world, _ = file_drill.restore(file_drill.outside(file_drill.status()))

    with pytest.raises(NotReadmitted, match="void"):
        readmitted(file_drill, world, held[1])


def test_a_token_of_an_entry_that_was_never_given_is_refused(file_drill):
    file_drill.back_up()
    file_drill.world.issued()
    held = tokens(file_drill.world)
    outside = Outside(trust=file_drill.world.trust, signed=None, status=None, never_published=True)
    world, _ = file_drill.restore(outside)

    with pytest.raises(NotReadmitted, match="no such entry"):
        readmitted(file_drill, world, held[1])
