"""Which photo is whose: a file's name is a row's number (序号) or the holder's ID number.

A name of at most six digits is a row's number, any other an ID number; so a holder whose passport has no more than six
digits can be named by the row alone. A photo named by an ID number is taken for all rows of that person.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from signing.id_check import IdType, canonical

Photo = TypeVar("Photo")
MAX_ROW_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A row that may have a photo: its number (序号), whose it is, and whether it passed and so needs one."""

    number: int
    id_type: IdType
    id_number: str
    passed: bool


@dataclass(frozen=True, slots=True)
class MatchingFault:
    """A photo without its row, or a row without its photo; ``row`` and ``stem`` are ``None`` where it is not about one.

    ``stem`` may be an ID number, so it goes to the body and nowhere else.
    """

    row: int | None
    stem: str | None
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Matching(Generic[Photo]):
    """The photo of each row that has one, by the row's number, and what is wrong: photos first, then rows."""

    photos: dict[int, Photo]
    faults: tuple[MatchingFault, ...]


def match(stems: Sequence[tuple[str, Photo]], rows: Iterable[PhotoRow]) -> Matching[Photo]:
    """Match photos, each with the stem of its name, to rows.

    A row that two photos name gets neither. A row that passed and has none is a fault, but only where there is any
    photo at all: whether a submission needs photos is not asked here.
    """
    index = _Index(rows)
    found: dict[int, list[tuple[str, Photo]]] = defaultdict(list)
    faults: list[MatchingFault] = []
    for stem, photo in stems:
        named = index.named_by(stem)
        if isinstance(named, MatchingFault):
            faults.append(named)
            continue
        for number in named:
            found[number].append((stem, photo))
    faults += [_two_photos(number) for number, photos in sorted(found.items()) if len(photos) > 1]
    if stems:
        faults += [_missing(number) for number in index.passed if number not in found]
    return Matching(
        {number: photos[0][1] for number, photos in found.items() if len(photos) == 1}, tuple(faults)
    )


class _Index:
    """The rows by their number, and by the ID number of their holder."""

    def __init__(self, rows: Iterable[PhotoRow]) -> None:
        self._numbers: set[int] = set()
        self._people: dict[str, dict[IdType, list[int]]] = defaultdict(dict)
        self.passed: list[int] = []
        for row in rows:
            self._numbers.add(row.number)
            of_number = self._people[canonical(row.id_number)]
            of_number.setdefault(row.id_type, []).append(row.number)
            if row.passed:
                self.passed.append(row.number)
        self.passed.sort()

    def named_by(self, stem: str) -> list[int] | MatchingFault:
        """Return the numbers of the rows that a stem names, or why it names none."""
        if len(stem) <= MAX_ROW_DIGITS and stem.isascii() and stem.isdigit():
            number = int(stem)
            return [number] if number in self._numbers else _without_row(stem)
        people = self._people.get(canonical(stem), {})
        if len(people) > 1:
            return _of_two_people(stem)
        return next(iter(people.values()), None) or _without_row(stem)


def _without_row(stem: str) -> MatchingFault:
    return MatchingFault(
        row=None,
        stem=stem,
        code="photo_without_row",
        message="没有与这张照片对应的考生",
        remedy="请检查文件名中的序号或证件号码，或删去这张照片",
    )


def _of_two_people(stem: str) -> MatchingFault:
    return MatchingFault(
        row=None,
        stem=stem,
        code="photo_of_two_people",
        message="两名考生的证件号码相同而证件类型不同，无法确定照片属于谁",
        remedy="请改用序号命名这张照片",
    )


def _two_photos(number: int) -> MatchingFault:
    return MatchingFault(
        row=number,
        stem=None,
        code="two_photos_of_a_row",
        message=f"第 {number} 号考生有两张以上照片",
        remedy="请只保留一张：以序号命名，或以证件号码命名",
    )


def _missing(number: int) -> MatchingFault:
    return MatchingFault(
        row=number,
        stem=None,
        code="photo_missing",
        message=f"第 {number} 号考生成绩合格，但没有照片",
        remedy="请把照片加入压缩包，以序号或证件号码命名",
    )
