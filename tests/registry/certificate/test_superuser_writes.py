"""Whoever may write anything into the database gets no certificate out of it, and keeps nobody else waiting.

Each attack is tried twice: the register works on what it finds, and the attacker asks the signer himself, with whatever
he can make of the rows.
"""

from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from keys.signer.request import Evidence, Item, SigningRequest
from registry.assessment.tables import Result, Submission
from registry.certificate.errors import NotAsConfirmed, TokenNotGenuine
from registry.certificate.line import Line
from registry.certificate.tables import Entry
from registry.review.errors import NotConfirmed
from registry.review.tables import SignedDecision
from signing.evidence import Step
from signing.signed_bytes import token_of_signed_bytes
from tests.instants import NOON
from tests.registry.certificate.siege import ATTACKER, unknown
from tests.registry.world import (
    holder_key,
    private_key,
)

# An approval.


def test_an_approval_that_nobody_decided(world, siege):
    attacked, honest = world.checked(), siege.honest()
    world.tamper(update(Submission).where(Submission.id == attacked).values(status="approved"))

    outcome = siege.nobody_waits(honest, [attacked])

    assert {submission: type(why) for submission, why in outcome.unnumbered.items()} == {
        attacked: NotConfirmed
    }
    siege.refuses(siege.request(attacked), words="the province's decision does not count")
    own, others = siege.dossier(attacked), siege.dossier(honest)
    result = next(iter(own.results.values()))
    bytes_, row = siege.statement(result, 500, 500), own.row(result.id)
    borrowed = replace(own, decisions=others.decisions)
    siege.refuses(borrowed.request(bytes_, row), words="the province's decision is over other rows")
    siege.refuses(borrowed.request(bytes_, row, leaves=others.leaves()), words="its row is not confirmed")


def test_an_approval_after_the_first_of_three_decisions(world, siege):
    attacked, honest = world.checked(), siege.honest()
    world.decide(attacked)
    world.tamper(update(Submission).where(Submission.id == attacked).values(status="approved"))

    siege.nobody_waits(honest, [attacked])

    siege.refuses(siege.request(attacked), words="the centre's decision does not count")
    own = siege.dossier(attacked)
    result = next(iter(own.results.values()))
    thrice = replace(own, decisions=dict.fromkeys(Step, own.decisions[Step.PROVINCE]))
    bytes_, row = siege.statement(result, 500, 500), own.row(result.id)
    siege.refuses(thrice.request(bytes_, row), words="the centre's decision is one of province")


# Decisions.


def under_the_key_id_of(signed, key_id):
    """Return a decision that says to be signed by another key."""
    return signed.replace(holder_key(ATTACKER).key_id, key_id, 1)


@pytest.mark.parametrize("disguised", [False, True], ids=["by his key", "under another's key id"])
def test_decisions_that_the_attacker_signed_and_wrote_as_the_reviewers(world, siege, disguised):
    attacked, honest = world.checked(), siege.honest()
    decisions = siege.forged_decisions(attacked)
    if disguised:
        decisions = {
            step: under_the_key_id_of(signed, world.reviewers[step].key.key_id)
            for step, signed in decisions.items()
        }
    for step, signed in decisions.items():
        holder = world.reviewers[step]
        by = holder.actor.account_id
        siege.write_decision(step, attacked, signed, by=by, key_id=holder.key.key_id)
    world.tamper(update(Submission).where(Submission.id == attacked).values(status="approved"))

    outcome = siege.nobody_waits(honest, [attacked])

    assert {type(why) for why in outcome.unnumbered.values()} == {NotConfirmed}
    words = "the signature does not hold" if disguised else unknown(ATTACKER)
    siege.refuses(siege.request(attacked), words=words)


def test_decisions_that_were_copied_from_another_submission(world, siege):
    attacked, honest = world.checked(), siege.honest()
    for step, signed in siege.dossier(honest).decisions.items():
        holder = world.reviewers[Step(step)]
        siege.write_decision(
            Step(step), attacked, signed, by=holder.actor.account_id, key_id=holder.key.key_id
        )
    world.tamper(update(Submission).where(Submission.id == attacked).values(status="approved"))

    siege.nobody_waits(honest, [attacked])

    siege.refuses(siege.request(attacked), words="over other rows")


def test_a_decision_that_was_deleted_or_cut_short(world, siege):
    deleted, cut, honest = world.reviewed(), world.reviewed(), siege.honest()
    of = SignedDecision.submission_id
    world.tamper(
        delete(SignedDecision).where(of == deleted, SignedDecision.step == "office"),
        update(SignedDecision).where(of == cut, SignedDecision.step == "centre").values(signed=b"\xd2"),
    )

    siege.nobody_waits(honest, [deleted, cut])

    for submission, words in ((deleted, "the office's decision"), (cut, "the centre's decision")):
        siege.refuses(siege.request(submission), words=words)


# Certificates, with everything that belongs to them.


def test_a_certificate_that_was_written_as_numbered(world, siege):
    attacked, honest = world.reviewed(), siege.honest()
    before = siege.dossier(attacked)
    result = siege.invent(attacked)
    bytes_ = siege.statement(result, 900, 900)
    siege.write_entry(result, bytes_)

    outcome = siege.nobody_waits(honest, [attacked])

    assert isinstance(outcome.refused[900], NotConfirmed)
    assert world.entry(900).status == "numbered"
    after = siege.dossier(attacked)
    row = after.row(result.id)
    siege.refuses(after.request(bytes_, row), words="over other rows")
    siege.refuses(after.request(bytes_, row, leaves=before.leaves()), words="its row is not confirmed")
    honest_row = before.row(next(iter(before.results)))
    siege.refuses(before.request(bytes_, honest_row), words="the bytes do not say what was confirmed")
    siege.refuses(SigningRequest([Item(bytes_)]), words="no evidence comes with it")


def test_certificates_for_rows_that_failed_or_were_returned(world, siege):
    rows = world.row(1, theory="59.9"), world.row(2), world.row(3)
    attacked, honest = world.checked(*rows), siege.honest()
    world.decide(attacked)
    world.decide(attacked, {2: "更正姓名"})
    world.decide(attacked)
    own = siege.dossier(attacked)
    failed, returned, _ = own.results.values()
    none_returned = {key: result._replace(returned_at_step=None) for key, result in own.results.items()}
    leaves = replace(own, results=none_returned).leaves(), own.leaves(), None
    evidence = Evidence(own.evidence().decisions, leaves)

    def asked(result):
        item = Item(siege.statement(result, 900, 900), 0, own.row(result.id))
        return SigningRequest([item], [evidence], own.openings)

    siege.refuses(asked(failed), words="its result is not passed")
    siege.refuses(asked(returned), words="its row is not confirmed")
    for entry, result in ((900, failed), (901, returned)):
        siege.write_entry(result, siege.statement(result, entry, entry))

    outcome = siege.nobody_waits(honest)

    assert {entry: type(why) for entry, why in outcome.refused.items()} == dict.fromkeys(
        (900, 901), NotAsConfirmed
    )
    assert siege.released(attacked) == 1


def made_up(bytes_):
    return token_of_signed_bytes(bytes_, bytes(range(64)))


def by_his_own_key(bytes_):
    return token_of_signed_bytes(bytes_, private_key(ATTACKER).sign(bytes_))


@pytest.mark.parametrize("forge", [made_up, by_his_own_key])
def test_a_certificate_that_was_written_as_signed(world, siege, forge):
    attacked, honest = world.reviewed(), siege.honest()
    result = siege.invent(attacked)
    bytes_ = siege.statement(result, 900, 900)
    siege.write_entry(result, bytes_, token=forge(bytes_))

    outcome = siege.nobody_waits(honest)

    assert isinstance(outcome.refused[900], TokenNotGenuine)
    assert world.entry(900).status == "signed"


def test_a_genuine_token_that_was_written_to_another_entry(world, siege):
    world.issued(world.row(1))
    attacked, honest = world.reviewed(), siege.honest()
    result = siege.invent(attacked)
    siege.write_entry(result, siege.statement(result, 900, 900), token=world.entry(1).token)

    outcome = siege.nobody_waits(honest)

    assert isinstance(outcome.refused[900], TokenNotGenuine)
    assert world.entry(900).status == "signed"


def test_entries_that_wait_behind_and_before_one_that_is_refused(world, siege):
    attacked, honest = world.numbered(), siege.honest()
    world.tamper(update(Entry).where(Entry.entry == 2).values(to_be_signed=b"\x80"))

    outcome = siege.nobody_waits(honest)

    assert outcome.refused.keys() == {2}
    assert siege.released(attacked) == 2
    assert world.statuses() == ["released", "numbered", *["released"] * 4]


def test_a_forged_entry_far_ahead_keeps_nobody_waiting_who_is_numbered_later(world, siege):
    first, second = world.reviewed(world.row(1)), world.reviewed(world.row(1))
    result = siege.invent(first)
    siege.write_entry(result, siege.statement(result, 1000, 900))
    world.tamper(update(Result).where(Result.id == result.id).values(submission_id=siege.honest()))

    with Line(siege.shop, now=lambda: NOON, progress=lambda _: None) as line:
        for submission in (first, second):
            assert line.number([submission]) == 1
            line.finish_behind()

    assert (siege.released(first), siege.released(second)) == (1, 1)
    assert line.counts.refused.keys() == {1000}
