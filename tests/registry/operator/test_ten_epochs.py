"""Ten epochs and four status keys: every certificate of every epoch verifies, by both verifiers, with no failure.

At the end one of the ten keys is distrusted, long after its epoch closed; and every earlier trust bundle that was ever
public is tried once more.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import select

from keys.key_file import KeyKind
from registry.certificate.tables import Entry
from registry.operator import ceremony
from signing import id_check
from signing.status import open_status
from signing.trust import open_trust_keys
from signing.verdict import judge, open_public_state
from tests.registry.operator.key_office import KeyOffice
from tests.verify_web.node import run_in_node

EPOCHS = 10
BLOCK = 5
VALID = ("valid", "valid")


@dataclass
class History:
    """A register that changed its keys ten times, and the public files as they were after each change."""

    office: KeyOffice
    files: list[tuple[bytes, bytes]] = field(default_factory=list)

    def keep(self) -> None:
        """Remember the public files as they are."""
        public = self.office.folder / "public"
        self.files.append(
            ((public / "trust/keys.cbor").read_bytes(), (public / "status/status.cbor").read_bytes())
        )

    def tokens(self) -> list[tuple[bytes, bytes]]:
        """Return key id and token of every certificate, by entry."""
        query = select(Entry.key_id, Entry.token).where(Entry.status == "released").order_by(Entry.entry)
        return self.office.installation.sessions.read(lambda session: list(session.execute(query).all()))

    def answers(self, keys: bytes, status: bytes, tokens: list[bytes]) -> list[tuple[str, str]]:
        """Return verdict and reason of each token, on which both verifiers agree."""
        now, root = datetime.now(UTC), self.office.custody.root
        state = open_public_state(root, keys, status, environment="test")
        judged = [judge(token, state, now=now) for token in tokens]
        question = {
            "root": json.loads(root.to_json()),
            "keys": keys.hex(),
            "status": status.hex(),
            "environment": "test",
            "tokens": [[token.hex(), now.timestamp()] for token in tokens],
        }
        (page,) = run_in_node("judge", [question])
        answers = [(one.verdict.value, one.reason.value) for one in judged]
        assert [tuple(answer[:2]) for answer in page] == answers
        return answers


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> History:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ceremony, "EPOCH_ENTRIES", BLOCK)
        patch.setattr(id_check, "ITERATIONS", 1)
        office = KeyOffice(tmp_path_factory.mktemp("epochs"))
        office.found()
        lived = History(office)
        for epoch in range(1, EPOCHS + 1):
            # Every third block is used up and runs over into the next, the others are closed before their end.
            if epoch % 3 == 0 and epoch < EPOCHS:
                office.done("key", "open-epoch", "--ahead", *office.media(2))
                office.issue(BLOCK + 1)
                office.ceremony("close-epoch")
            else:
                office.issue(2)
                if epoch < EPOCHS:
                    office.ceremony("close-epoch", office.issuing, "--next")
            lived.keep()
            if epoch % 3 == 2:
                office.ceremony("retire", office.status_key, "--replace")
                lived.keep()
        yield lived


def test_every_certificate_of_ten_epochs_verifies_by_both_verifiers(history):
    tokens = history.tokens()

    assert len({key_id for key_id, _ in tokens}) == EPOCHS
    assert len(tokens) == 7 * 2 + 3 * (BLOCK + 1)
    assert history.answers(*history.files[-1], [token for _, token in tokens]) == [VALID] * len(tokens)


def test_entries_are_dense_and_blocks_follow_each_other(history):
    trust = history.office.trust
    blocks = [key for key in trust.keys.values() if key.kind == KeyKind.CERTIFICATE]
    blocks.sort(key=lambda key: key.first_entry)

    assert len(blocks) == EPOCHS
    for earlier, later in pairwise(blocks):
        assert later.first_entry == earlier.last_entry + 1
    assert [key.retired for key in blocks] == [True] * (EPOCHS - 1) + [False]
    statuses = [key.retired for key in trust.keys.values() if key.kind == KeyKind.STATUS]
    assert sorted(statuses) == [False, True, True, True]


def test_whatever_was_public_once_calls_valid_exactly_what_was_issued_then(history):
    tokens, root = [token for _, token in history.tokens()], history.office.custody.root
    sizes = []

    for keys, status in history.files:
        sizes.append(open_status(status, open_trust_keys(keys, root)).size)
        answers = history.answers(keys, status, tokens)
        assert answers[: sizes[-1]] == [VALID] * sizes[-1]
        assert VALID not in answers[sizes[-1] :]

    assert sizes[-1] == len(tokens)


def test_the_check_finds_nothing_and_every_ceremony_is_recorded(history):
    assert history.office.check_findings() == []


def test_the_list_says_what_each_key_has_left_and_what_to_do(history):
    said = history.office.done("key", "list")

    lines = [line for line in said.splitlines() if "certificate" in line]
    assert len(lines) == EPOCHS
    assert sum("retired" in line for line in lines) == EPOCHS - 1
    (used,) = [line for line in lines if "in_use" in line]
    assert used.endswith(" left")


def test_a_retired_key_can_be_distrusted_and_no_earlier_trust_bundle_brings_it_back(history):
    office, tokens = history.office, history.tokens()
    dead = tokens[0][0]

    office.ceremony("distrust", dead.hex(), "--compromised", "--alarm", datetime.now(UTC).isoformat())
    history.keep()
    keys, status = history.files[-1]

    everything = [token for _, token in tokens]
    assert history.answers(keys, status, everything) == [VALID] * len(everything)
    newest = open_trust_keys(keys, office.custody.root)
    assert {len(honest) for honest in newest.honest.values()} == {2}
    for earlier, _ in history.files[:-1]:
        answers = history.answers(earlier, status, everything)
        assert {verdict for verdict, _ in answers} == {"cannot_tell"}
    for _, earlier in history.files[:-1]:
        answers = history.answers(keys, earlier, everything)
        assert {verdict for verdict, _ in answers} <= {"valid", "cannot_tell"}
    assert office.check_findings() == []
