"""What witnesses say, held against each other: a liar alone stops nobody, and a majority that knows more stops all."""

import pytest

from keys.errors import WitnessAhead, WitnessRefused, WitnessUnreachable
from registry.log.cosigning import Cosigners
from registry.log.errors import WitnessesMissing
from registry.log.files import LogFiles
from tests.signing.log.signers import policy

LIES = WitnessAhead(1_000_000)
SAW_ANOTHER = WitnessRefused(409, "it saw another tree of 8 leaves")
SILENT = WitnessUnreachable("there", "it does not answer")


class Says:
    """A witness that gives its signature, or raises what it says instead. It tells its name with its first answer."""

    def __init__(self, name, says=None):
        self._name, self._says, self.name = name, says, "https://somewhere.example"

    def cosign(self, _old, _proof, _checkpoint):
        self.name = self._name
        if self._says is not None:
            raise self._says
        return b""


def three_witnesses(tmp_path, *answers):
    """Return the three witnesses of a log that needs two of them, and what each answers."""
    log = policy()
    said = [Says(each.name, answer) for each, answer in zip(log.witnesses, answers, strict=True)]
    return Cosigners(log, said, LogFiles(tmp_path))


@pytest.mark.parametrize("lie", [LIES, SAW_ANOTHER])
def test_one_liar_of_three_is_outweighed_by_two(tmp_path, lie):
    cosigners = three_witnesses(tmp_path, None, None, lie)

    answers = cosigners.poll(8, b"")

    assert cosigners.outweighs(answers, 8)
    assert answers.ahead(8) is not None or answers.contradicting is not None


@pytest.mark.parametrize("others", [(LIES, LIES), (LIES, SILENT), (SAW_ANOTHER, SILENT)])
def test_where_a_quorum_may_know_more_nobody_is_outweighed(tmp_path, others):
    cosigners = three_witnesses(tmp_path, None, *others)

    answers = cosigners.poll(8, b"")

    assert not cosigners.outweighs(answers, 8)


def test_a_witness_that_tells_its_name_with_its_answer_is_heard(tmp_path):
    cosigners = three_witnesses(tmp_path, None, WitnessAhead(3), SILENT)

    answers = cosigners.poll(8, b"")
    cosigners.require_quorum(answers)

    assert answers.heard == {each.name for each in policy().witnesses[:2]}


def test_two_that_are_silent_are_too_many(tmp_path):
    cosigners = three_witnesses(tmp_path, None, SILENT, SILENT)

    with pytest.raises(WitnessesMissing, match="1 of 2"):
        cosigners.require_quorum(cosigners.poll(8, b""))
