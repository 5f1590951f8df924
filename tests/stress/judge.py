"""Whether what is left of a register is what was promised, told from rows alone: no database, no files, no clock.

It does not trust constraints of the database, nor anything that the register says about itself: series and entries
are counted out, each acknowledgement is looked up, and the order in time is held against the order of the numbers.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

from tests.stress.acknowledgement import Acknowledged, Act, Given

RELEASED = "released"
ENTRIES = "entries"
"""The run of entries over the whole register, which is ordered in time as a series is."""


class Wrong(StrEnum):
    """What can be wrong."""

    GAP = "gap"
    TWICE = "twice"
    COUNTER = "counter"
    LOST = "acknowledged and lost"
    CHANGED = "acknowledged and changed"
    ORDER = "order in time"
    TOKEN = "token"
    SIGNER = "signer's journal"
    UNFINISHED = "unfinished"
    CHAIN = "journal's chain"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    wrong: Wrong
    what: str


class Stored(NamedTuple):
    """One entry as it lies in the register at the end; digests are SHA-256 in hex, ``None`` without a token.

    ``says`` is the entry that the verified token names, ``None`` if there is no token that verifies.
    """

    entry: int
    number: str
    series: str
    serial: int
    result: UUID
    status: str
    signed_bytes: str
    token: str | None
    says: int | None


class Recorded(NamedTuple):
    """One line of the signer's journal: the entry, and SHA-256 in hex of the bytes that were signed for it."""

    entry: int
    digest: str


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left: entries, counters by series, the entry counter, the signer's journal, the state of the chain.

    ``chain`` names places at which the chain does not hold; ``waiting`` is how much approved work was never finished.
    """

    entries: Sequence[Stored]
    issued: Mapping[str, int]
    last_entry: int
    recorded: Sequence[Recorded]
    chain: Sequence[str] = ()
    waiting: int = 0


@dataclass(slots=True)
class Verdict:
    """Every fault that was found, and how many pairs of acts were held against each other in time."""

    faults: list[Fault] = field(default_factory=list)
    pairs: int = 0


def judge(remains: Remains, acknowledged: Sequence[Acknowledged]) -> Verdict:
    """Return everything that is wrong with what is left."""
    verdict = Verdict()
    # 1. Entries and each series are exactly 1..N, and the counters are N.
    verdict.faults += _density_faults(remains)
    # 2. No number and no result has two entries.
    verdict.faults += _repeated("number", (stored.number for stored in remains.entries))
    verdict.faults += _repeated("result", (str(stored.result) for stored in remains.entries))
    # 3. What was acknowledged is there, with the same number and the same bytes.
    verdict.faults += _promise_faults(remains, acknowledged)
    # 4. Everything is released, by a token that verifies and is this entry's.
    verdict.faults += _end_faults(remains)
    # 5. The signer was asked for one content of each entry, and it is the one that is stored.
    verdict.faults += _signer_faults(remains)
    # 6. Who was answered before another one asked has the lower number.
    for series, acts in _issuing_acts(acknowledged).items():
        pairs, inversions = in_order(acts)
        verdict.pairs += pairs
        verdict.faults += [Fault(Wrong.ORDER, f"{series}: {what}") for what in inversions]
    verdict.faults += [Fault(Wrong.CHAIN, place) for place in remains.chain]
    return verdict


class Issued(NamedTuple):
    """What one act gave in one series: when it was asked for and answered, its lowest and its highest number."""

    requested: int
    acknowledged: int
    lowest: int
    highest: int


def in_order(acts: Sequence[Issued]) -> tuple[int, list[str]]:
    """Return how many pairs of acts did not overlap in time, and which acts gave a number below an earlier one's."""
    answered = sorted(acts, key=lambda act: act.acknowledged)
    instants = [act.acknowledged for act in answered]
    highest_until = list(accumulate((act.highest for act in answered), max))
    pairs, inversions = 0, []
    for act in acts:
        before = bisect_left(instants, act.requested)
        pairs += before
        if before and highest_until[before - 1] > act.lowest:
            inversions.append(
                f"{act.lowest} was asked for after {highest_until[before - 1]} had been answered"
            )
    return pairs, inversions


def _density_faults(remains: Remains) -> Iterator[Fault]:
    yield from _run_faults(ENTRIES, [stored.entry for stored in remains.entries], remains.last_entry)
    serials: dict[str, list[int]] = defaultdict(list)
    for stored in remains.entries:
        serials[stored.series].append(stored.serial)
    for series in sorted(serials.keys() | remains.issued.keys()):
        yield from _run_faults(series, serials[series], remains.issued.get(series, 0))


def _run_faults(name: str, found: Sequence[int], counter: int) -> Iterator[Fault]:
    counts = Counter(found)
    highest = max(counts, default=0)
    missing = [number for number in range(1, highest + 1) if number not in counts]
    if missing or min(counts, default=1) < 1:
        yield Fault(Wrong.GAP, f"{name}: {len(missing)} missing below {highest}, the first is {missing[:1]}")
    for number, times in counts.items():
        if times > 1:
            yield Fault(Wrong.TWICE, f"{name}: {number} was given {times} times")
    if counter != highest:
        yield Fault(Wrong.COUNTER, f"{name}: the counter says {counter}, the highest is {highest}")


def _repeated(kind: str, values: Iterable[str]) -> Iterator[Fault]:
    for value, times in Counter(values).items():
        if times > 1:
            yield Fault(Wrong.TWICE, f"{kind} {value} has {times} entries")


def _promise_faults(remains: Remains, acknowledged: Sequence[Acknowledged]) -> Iterator[Fault]:
    by_entry = {stored.entry: stored for stored in remains.entries}
    for done in acknowledged:
        for given in done.given:
            stored = by_entry.get(given.entry)
            if stored is None:
                yield Fault(
                    Wrong.LOST, f"{done.act}: entry {given.entry}, number {given.series} {given.serial}"
                )
            elif not _is_kept(done.act, given, stored):
                yield Fault(Wrong.CHANGED, f"{done.act}: entry {given.entry} was {given}, is {stored}")


def _is_kept(act: Act, given: Given, stored: Stored) -> bool:
    digest = stored.signed_bytes if act is Act.NUMBER else stored.token
    status = act is not Act.RELEASE or stored.status == RELEASED
    return (given.series, given.serial, given.digest) == (stored.series, stored.serial, digest) and status


def _end_faults(remains: Remains) -> Iterator[Fault]:
    for stored in remains.entries:
        if stored.status != RELEASED:
            yield Fault(Wrong.UNFINISHED, f"entry {stored.entry} is {stored.status}")
        elif stored.says != stored.entry:
            yield Fault(Wrong.TOKEN, f"entry {stored.entry} has a token that verifies for {stored.says}")
    if remains.waiting:
        yield Fault(Wrong.UNFINISHED, f"{remains.waiting} submissions still wait for numbers")


def _signer_faults(remains: Remains) -> Iterator[Fault]:
    contents: dict[int, set[str]] = defaultdict(set)
    for entry, digest in remains.recorded:
        contents[entry].add(digest)
    for entry, digests in contents.items():
        if len(digests) > 1:
            yield Fault(Wrong.SIGNER, f"entry {entry} has {len(digests)} contents")
    for stored in remains.entries:
        recorded = contents.pop(stored.entry, set())
        if stored.token is not None and stored.signed_bytes not in recorded:
            yield Fault(
                Wrong.SIGNER, f"entry {stored.entry} is signed, and the signer does not know its bytes"
            )
    for entry in contents:
        yield Fault(Wrong.SIGNER, f"entry {entry} is known to the signer alone")


def _issuing_acts(acknowledged: Sequence[Acknowledged]) -> dict[str, list[Issued]]:
    """Return what each act of numbering gave, by series, and over all entries."""
    acts: dict[str, list[Issued]] = defaultdict(list)
    for done in acknowledged:
        if done.act is not Act.NUMBER:
            continue
        runs: dict[str, list[int]] = defaultdict(list)
        for given in done.given:
            runs[given.series].append(given.serial)
            runs[ENTRIES].append(given.entry)
        for name, numbers in runs.items():
            acts[name].append(Issued(done.requested, done.acknowledged, min(numbers), max(numbers)))
    return acts
