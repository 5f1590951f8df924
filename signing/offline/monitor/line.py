"""What is counted 1, 2, 3 …: the entries of the register, the serials of a series; each hole with its age.

Leaves come in the order of their acts, and acts of one moment in any order, so a hole near the end may be filled soon.
It becomes a finding when it has been open too long; that is for the caller to say.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from signing import shape
from signing.cbor import Value
from signing.errors import Malformed

_HOLE: Final = struct.Struct(">QQQ")


class Hole(NamedTuple):
    """Numbers ``first..last`` that were not seen when a higher one was, and since when, in seconds since 1970."""

    first: int
    last: int
    since: int


@dataclass(slots=True)
class Line:
    """A count from 1. ``marks`` has one byte for each number, 0 for one that was not seen."""

    marks: bytearray = field(default_factory=bytearray)
    holes: list[Hole] = field(default_factory=list)

    def get(self, number: int) -> int:
        """Return the mark of a number, 0 if it was not seen."""
        return self.marks[number - 1] if 0 < number <= len(self.marks) else 0

    def growth(self, number: int) -> int:
        """Return by how many numbers the line grows when this one, 1 or more, is marked."""
        return max(number - len(self.marks), 0)

    def put(self, number: int, mark: int, *, at: int) -> None:
        """Mark a number, 1 or more; ``at`` is when, in seconds since 1970, if it leaves a hole.

        The line grows up to it: whether there is room for that is for the caller to say.
        """
        end = len(self.marks)
        if number > end + 1:
            self.holes.append(Hole(end + 1, number - 1, at))
        if number > end:
            self.marks.extend(bytes(number - end))
        elif self.holes and self.holes[-1][:2] == (number, number):
            self.holes.pop()
        self.marks[number - 1] = mark

    def overdue(self, before: int) -> list[tuple[int, int]]:
        """Return the holes open since before an instant, as ``first, last``, and wait for them no more."""
        still = [part for hole in self.holes for part in self._open(hole)]
        self.holes = [hole for hole in still if hole.since >= before]
        return [(hole.first, hole.last) for hole in still if hole.since < before]

    def _open(self, hole: Hole) -> Iterator[Hole]:
        """Yield what is left of a hole."""
        at = self.marks.find(0, hole.first - 1, hole.last)
        while at >= 0:
            end = at
            while end < hole.last and not self.marks[end]:
                end += 1
            yield Hole(at + 1, end, hole.since)
            at = self.marks.find(0, end, hole.last)

    def to_value(self) -> Value:
        """Return the line for the state: the marks, and the holes in one byte string."""
        return [bytes(self.marks), b"".join(_HOLE.pack(*hole) for hole in self.holes)]

    @classmethod
    def from_value(cls, value: Value) -> Self:
        """Read a line; ``Malformed``."""
        marks, holes = shape.array(value, 2, 2)
        packed = shape.content(holes)
        if len(packed) % _HOLE.size:
            raise Malformed("holes of another size")
        return cls(bytearray(shape.content(marks)), [Hole(*item) for item in _HOLE.iter_unpack(packed)])
