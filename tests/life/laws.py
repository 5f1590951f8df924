"""What must hold in any register, whatever was done to it: read off its rows, without the notebook.

What was found once is remembered where it may never change: bytes, numbers, tokens, events, the signer's journal.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from hashlib import sha256

from keys.signer.journal import SignerJournal
from registry.journal.chain import FIRST_HASH, event_hash
from signing.cose import Envelope, Kind
from signing.ed25519 import admit
from signing.evidence import Step, open_decision
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Statement
from signing.token import open_token
from signing.trust import TrustKeys
from tests.life.comparison import Register
from tests.life.notebook import IN_FORCE, UNRELEASED
from tests.registry.world import ENVIRONMENT

ENTRY_ACTS = {"number", "sign", "release", "void", "suspend", "reinstate", "revoke", "supersede"}


@dataclass
class Seen:
    """What was seen once and may never change; each by entry, or by place."""

    given: dict[int, tuple[object, ...]] = field(default_factory=dict)
    statements: dict[int, Statement] = field(default_factory=dict)
    tokens: dict[int, bytes] = field(default_factory=dict)
    events: list[tuple[object, ...]] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    decisions: set[bytes] = field(default_factory=set)
    journal_bytes: int = -1


def series_and_entries_are_dense(register: Register) -> None:
    """Each series is exactly 1..N, and the entries are exactly 1..M (I1, I2)."""
    serials: defaultdict[str, set[int]] = defaultdict(set)
    for row in register.entries:
        serials[row.series_key].add(row.serial)
    for key, issued in register.series.items():
        assert serials[key] == set(range(1, issued + 1))
    assert len(register.numbers) == len(set(register.numbers)) == sum(register.series.values())
    assert [row.entry for row in register.entries] == list(range(1, register.last_entry + 1))


def one_result_one_entry_one_version_in_force(register: Register) -> None:
    """No result has two entries; of a certificate's versions, all before the last released one are superseded."""
    assert max(Counter(row.result_id for row in register.entries).values(), default=1) == 1
    versions: defaultdict[str, list[object]] = defaultdict(list)
    for row in register.entries:
        versions[row.number].append((row.version, row.status))
    for found in versions.values():
        assert [version for version, _ in found] == list(range(1, len(found) + 1))
        shown = [status for _, status in found if status not in UNRELEASED]
        assert shown[:-1] == ["superseded"] * len(shown[:-1])
        assert "superseded" not in shown[-1:]
        assert sum(status in IN_FORCE for status in shown) <= 1


def one_person_one_certificate(register: Register) -> None:
    """Nobody holds two certificates of one occupation, direction and level, and nobody one he did not pass."""
    held: Counter[tuple[object, ...]] = Counter()
    for row in register.entries:
        result = register.results[row.result_id]
        assert result.passed
        assert result.returned_at_step is None
        if row.status in IN_FORCE:
            held[result.id_match, result.edition, result.occupation, result.direction, result.level] += 1
    assert max(held.values(), default=1) == 1


def what_was_given_never_changes(register: Register, seen: Seen) -> None:
    """Number, version, result, key and bytes of an entry stay what they were; so does its token."""
    for row in register.entries:
        given = (row.number, row.version, row.result_id, row.key_id, row.to_be_signed)
        assert seen.given.setdefault(row.entry, given) == given
        if row.token is not None:
            assert seen.tokens.get(row.entry, row.token) == row.token


def tokens_are_over_the_stored_bytes(register: Register, seen: Seen, trust: TrustKeys) -> None:
    """A token says exactly the bytes that were stored before, and its signature holds (I4)."""
    for row in register.entries:
        if row.token is None or row.entry in seen.tokens:
            assert row.token is not None or row.entry not in seen.tokens
            continue
        signed_bytes = Envelope.from_bytes(row.token).signed_bytes(ENVIRONMENT, Kind.CERTIFICATE)
        assert signed_bytes == row.to_be_signed
        assert open_token(row.token, trust) == statement_of_signed_bytes(row.to_be_signed)
        seen.tokens[row.entry] = row.token


def three_people_confirmed(register: Register, seen: Seen, keys: dict[object, bytes]) -> None:
    """Behind each entry stand three signed decisions of three people, none of whom handed it in (I4, I10)."""
    people: defaultdict[object, list[object]] = defaultdict(list)
    steps: defaultdict[object, set[str]] = defaultdict(set)
    for row in register.decisions:
        people[row.submission_id].append(row.decided_by)
        steps[row.submission_id].add(row.step)
        if row.signed not in seen.decisions:
            decision = open_decision(row.signed, admit(keys[row.decided_by]), ENVIRONMENT)
            assert (decision.submission, decision.step) == (row.submission_id, row.step)
            seen.decisions.add(row.signed)
    for submission in {register.results[row.result_id].submission_id for row in register.entries}:
        acted = [*people[submission], register.submissions[submission].submitted_by]
        assert steps[submission] == set(Step)
        assert len(acted) == len(set(acted)) == 4


def states_are_the_sum_of_events(register: Register, seen: Seen) -> None:
    """The journal tells the status of every entry; it is only ever added to (I9)."""
    written = [tuple(event) for event in register.written()]
    assert written[: len(seen.events)] == seen.events
    seen.events = written
    last: dict[int, str] = {}
    for event in register.events:
        if event.act in ENTRY_ACTS:
            run = range(event.first_entry, event.last_entry + 1)
            last |= dict.fromkeys(run, event.details.get("after", "numbered"))
    assert last == {row.entry: row.status for row in register.entries}


def the_chain_holds(register: Register, seen: Seen, *, chained: int) -> None:
    """The first events have their places and hashes, in their order, and the head is the last of them (I9)."""
    written = register.written()
    assert [row.place for row in register.events] == [
        *range(1, chained + 1),
        *[None] * (len(written) - chained),
    ]
    for place in range(len(seen.hashes) + 1, chained + 1):
        before = seen.hashes[-1] if seen.hashes else FIRST_HASH
        seen.hashes.append(event_hash(before, place, written[place - 1]))
    assert [row.hash for row in register.events[:chained]] == seen.hashes
    assert tuple(register.head) == (chained, seen.hashes[-1] if seen.hashes else FIRST_HASH)


def the_signer_knows_one_content_for_each_entry(
    register: Register, seen: Seen, journal: SignerJournal, recorded: set[int], *, size: int
) -> None:
    """The signer's journal has each entry once, with the digest of the stored bytes, and every signed entry."""
    if size != seen.journal_bytes:
        lines = list(journal.entries())
        assert sorted(line.entry for line in lines) == sorted(recorded)
        for line in lines:
            assert line.digest == sha256(seen.given[line.entry][-1]).digest()
        seen.journal_bytes = size
    assert {row.entry for row in register.entries if row.token is not None} <= recorded
