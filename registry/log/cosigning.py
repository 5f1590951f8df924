"""What the witnesses say to a head of the log: all are asked at once, and none is believed beyond its word.

A witness gives its signature, or says which tree it has seen last. One that has seen a larger tree than ours, or
another one of our size, knows a history that this register does not: nothing is signed against its word. One that is
silent, or whose clock is far from this machine's, counts for nothing; the others' quorum will do.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from keys.errors import WitnessAhead, WitnessError, WitnessRefused
from keys.log_memory import Grown
from keys.witness.link import WitnessLink
from registry.log.errors import WitnessesMissing
from registry.log.files import LogFiles
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.log.tile import TileReader
from signing.merkle import prove_consistency

CLOCKS_APART_SECONDS = 600
MOST_AT_ONCE = 16

# What a witness answers to a head that its own last one does not lead to (C2SP tlog-witness).
_CONTRADICTING = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)


@dataclass(slots=True)
class Answer:
    """What one witness said.

    ``lines`` are its signatures, ``None`` if it gave none; ``seen`` is the size of the tree that it saw last, as far as
    it said; ``contradicts``: that tree does not lead to ours. ``why`` says in words why it counts for nothing.
    """

    name: str
    lines: bytes | None = None
    seen: int | None = None
    contradicts: bool = False
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What all of them said."""

    each: Sequence[Answer] = field(default_factory=list)

    def ahead(self, size: int) -> Answer | None:
        """Return the one that saw the largest tree above this size, ``None`` if none did."""
        more = [answer for answer in self.each if (answer.seen or 0) > size]
        return max(more, key=lambda answer: answer.seen or 0, default=None)

    @property
    def contradicting(self) -> Answer | None:
        """One that saw another history."""
        return next((answer for answer in self.each if answer.contradicts), None)

    def agreeing(self, size: int) -> set[str]:
        """The names of those that have seen no more than ``size`` leaves, and no other tree."""
        return {each.name for each in self.each if each.seen is not None and each.seen <= size}

    @property
    def heard(self) -> set[str]:
        """The names of those that said what they have seen."""
        return {answer.name for answer in self.each if answer.seen is not None}

    @property
    def signed(self) -> set[str]:
        """The names of those whose signatures count."""
        return {answer.name for answer in self.each if answer.lines is not None}

    @property
    def why(self) -> dict[str, str]:
        """In words, why each of the others counts for nothing."""
        return {answer.name: answer.why for answer in self.each if answer.why is not None}


@dataclass(frozen=True, slots=True)
class Cosigners:
    """The witnesses of one log, as it asks them."""

    policy: LogPolicy
    witnesses: Sequence[WitnessLink]
    files: LogFiles

    def poll(self, size: int, note: bytes) -> Answers:
        """Ask what each has seen last, by having a head of this size that it may know cosigned once more."""

        def ask(witness: WitnessLink) -> Answer:
            # Its name may come with its answer, so it is asked for afterwards.
            try:
                lines = witness.cosign(size, (), note)
                return Answer(witness.name, lines=lines, seen=size)
            except WitnessAhead as other:
                return Answer(witness.name, seen=other.size)
            except WitnessError as refusal:
                return _refused(witness, refusal)

        return self._all(ask)

    def cosign(
        self, last: Grown, old: int, *, now: Callable[[], datetime]
    ) -> tuple[Checkpoint | None, Answers]:
        """Have a head cosigned; return the checkpoint if enough did, and what each said.

        ``old`` is the size that they have probably seen last.
        """
        answers = self._all(lambda witness: self._asked(witness, last, old))
        instant = now()
        for answer in answers.each:
            self._leave_out_strange_time(answer, last, instant)
        lines = b"".join(answer.lines for answer in answers.each if answer.lines is not None)
        checkpoint = self.policy.open(last.note + lines)
        return (checkpoint if checkpoint.is_cosigned else None), answers

    def outweighs(self, answers: Answers, size: int) -> bool:
        """Say whether so many agree to a tree of ``size`` leaves that no quorum can have signed another one.

        Then a witness that says otherwise is wrong, or lies, and stops nobody.
        """
        return len(answers.agreeing(size) & self._named) > len(self._named) - self.policy.quorum

    def require_quorum(self, answers: Answers) -> None:
        """Raise ``WitnessesMissing`` unless as many as it takes to sign a head have said what they saw."""
        if len(answers.heard & self._named) < self.policy.quorum:
            raise self.missing(answers.heard, answers)

    def missing(self, counted: set[str], answers: Answers) -> WitnessesMissing:
        """Return the refusal that says how many of the named witnesses counted, and why the others did not."""
        return WitnessesMissing(len(counted & self._named), self.policy.quorum, answers.why)

    @property
    def _named(self) -> set[str]:
        return {witness.name for witness in self.policy.witnesses}

    def _asked(self, witness: WitnessLink, last: Grown, old: int) -> Answer:
        seen = old
        for _ in range(2):
            try:
                lines = witness.cosign(seen, self._proof(seen, last.size), last.note)
                return Answer(witness.name, lines=lines, seen=last.size)
            except WitnessAhead as other:
                seen = other.size
                if seen > last.size:
                    break
            except WitnessError as refusal:
                return _refused(witness, refusal)
        return Answer(witness.name, seen=seen, why=f"it has seen {seen} leaves")

    def _leave_out_strange_time(self, answer: Answer, last: Grown, now: datetime) -> None:
        """Take a witness's lines for none if it states a time that this machine's clock does not know."""
        if answer.lines is None:
            return
        stamp = self.policy.open(last.note + answer.lines).cosigned_at.get(answer.name, 0)
        apart = stamp - int(now.timestamp())
        # A cosignature may leave its time out (C2SP tlog-cosignature); it says nothing then, and nothing wrong.
        if stamp and abs(apart) > CLOCKS_APART_SECONDS:
            answer.lines, answer.why = None, f"its clock is {apart:+d} seconds from this machine's"

    def _proof(self, old: int, size: int) -> tuple[bytes, ...]:
        return prove_consistency(TileReader(self.files.read, size), old, size)

    def _all(self, ask: Callable[[WitnessLink], Answer]) -> Answers:
        if len(self.witnesses) < 2:
            return Answers(list(map(ask, self.witnesses)))
        with ThreadPoolExecutor(min(len(self.witnesses), MOST_AT_ONCE), thread_name_prefix="witness") as pool:
            return Answers(list(pool.map(ask, self.witnesses)))


def _refused(witness: WitnessLink, refusal: WitnessError) -> Answer:
    contradicts = isinstance(refusal, WitnessRefused) and refusal.status in _CONTRADICTING
    return Answer(witness.name, contradicts=contradicts, why=str(refusal))
