"""The log grows with the register: what it tells, and that release waits for it."""

from hashlib import sha256

from sqlalchemy import select

from registry.certificate import lifecycle
from registry.certificate.lifecycle import Reason
from registry.certificate.tables import Certificate
from signing.log.leaf import Change, Issue, LeafKind, SeriesOpened, Void
from signing.merkle import tree_hash
from tests.instants import NOON


def test_every_signed_entry_has_its_leaf_with_the_digest_of_its_token(logged):
    logged.signed(3)

    logged.grow()

    issues = [leaf for leaf in logged.told() if isinstance(leaf, Issue)]
    entries = logged.world.entries()
    assert [issue.entry for issue in issues] == [entry.entry for entry in entries] == [1, 2, 3]
    assert [issue.digest for issue in issues] == [sha256(entry.token).digest() for entry in entries]
    assert {issue.version for issue in issues} == {1}


def test_the_checkpoint_is_signed_by_log_and_witness_and_has_the_root_of_the_leaves(logged):
    logged.signed(3)

    logged.grow()

    checkpoint = logged.checkpoint()
    assert checkpoint.is_cosigned
    assert checkpoint.head.root == tree_hash(logged.public_leaves())
    assert (logged.head().size, logged.head().cosigned) == (checkpoint.head.size, checkpoint.head.size)
    assert logged.head().root == checkpoint.head.root


def test_nothing_is_released_before_its_leaf_is_cosigned(logged):
    logged.signed(3)

    before = logged.world.release()
    logged.grow()
    after = logged.world.release()

    assert (before, after) == (0, 3)
    assert logged.world.statuses() == ["released"] * 3


def test_what_is_signed_later_waits_for_the_next_head(logged):
    logged.signed(2)
    logged.grow()
    logged.signed(2)

    released = logged.world.release()

    assert released == 2
    assert logged.world.statuses() == ["released", "released", "signed", "signed"]


def test_openings_of_series_are_told_first(logged):
    logged.grow()

    told = logged.told()
    assert len(told) == 6
    assert {type(leaf) for leaf in told} == {SeriesOpened}
    assert {leaf.profile for leaf in told} == {1}


def test_a_voided_number_is_told_with_its_number(logged):
    logged.world.numbered(*logged.world.rows(1))
    logged.world.sessions.run(
        lambda session: lifecycle.void(session, logged.world.registrar, 1, Reason.ISSUED_IN_ERROR, now=NOON)
    )

    logged.grow()

    (void,) = [leaf for leaf in logged.told() if isinstance(leaf, Void)]
    assert (void.entry, void.version) == (1, 1)
    assert void.number is not None


def test_what_became_of_a_certificate_is_told_without_reason(logged):
    logged.signed(1)
    logged.grow()
    logged.world.release()
    (number,) = logged.world.all(select(Certificate.number))
    for act, reason in (
        (lifecycle.suspend, Reason.UNDER_INVESTIGATION),
        (lifecycle.revoke, Reason.EXAM_FRAUD),
    ):
        logged.world.sessions.run(
            lambda session, act=act, reason=reason: act(
                session, logged.world.registrar, number, reason, now=NOON
            )
        )

    logged.grow()

    changes = [leaf for leaf in logged.told() if isinstance(leaf, Change)]
    assert [(change.kind, change.entry) for change in changes] == [
        (LeafKind.SUSPEND, 1),
        (LeafKind.REVOKE, 1),
    ]


def test_the_log_grows_by_small_heads_as_by_one(logged):
    logged.signed(5)
    logged.chain()
    log = logged.log()

    sizes = []
    while log.grow(now=logged.clock.now, most=2):
        sizes.append(logged.checkpoint().head.size)

    assert len(sizes) > 2
    assert sizes[-1] == logged.head().size == 11
    assert logged.checkpoint().head.root == tree_hash(logged.public_leaves())


def test_a_log_with_nothing_to_tell_does_nothing(logged):
    logged.grow()
    before = logged.files.checkpoint()

    again = logged.grow()

    assert again == 0
    assert logged.files.checkpoint() == before
