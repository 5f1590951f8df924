"""The demo's candidates: 200 people who do not exist, in the submissions of two bodies.

The same every time (fixed seed): three occupations, three levels, five who fail one paper, rare characters,
a name of nineteen characters, four kinds of ID document besides the resident's. Names are put together from
lists. ID numbers have the right check digit, but their first six digits name a whole prefecture, where a
resident's number names a county, so that none of them is likely to be somebody's.

The first hand-in of one body has two rows with mistakes; ``mended`` is the same list put right.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import cycle, islice
from random import Random

_SEED = 20261120

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN_NAMES = (
    "若溪",
    "景行",
    "知微",
    "云舒",
    "明川",
    "书瑶",
    "亦辰",
    "嘉禾",
    "思远",
    "望舒",
    "清和",
    "子衿",
    "怀瑾",
    "星野",
    "予安",
    "立言",
    "映雪",
    "承志",
    "南乔",
    "秋实",
    "一帆",
    "北辰",
    "听澜",
    "念慈",
    "修远",
    "青禾",
    "言蹊",
    "松岩",
    "雨桐",
    "昭宁",
    "岚",
    "骁",
    "玥",
    "铮",
    "彧",
    "翀",
    "淼",
    "喆",
    "劼",
    "昕",
)
_RARE_NAMES = ("张䶮", "李𬭸", "陈䶮𬭸", "阿布都热西提江·麦麦提依明·艾合买提江")
_AREAS = (
    "210100",
    "210200",
    "330100",
    "330700",
    "370100",
    "370200",
    "230100",
    "110100",
    "320100",
    "440300",
)
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_EDITION = 1


class DemoBody(StrEnum):
    """The two bodies that hand in, by the names of the directory (附件6)."""

    MIIT_EDUCATION_AND_EXAMINATION_CENTRE = "工业和信息化部教育与考试中心"
    INSTITUTE_OF_ELECTRONICS = "中国电子学会"


@dataclass(frozen=True, slots=True)
class DemoRow:
    """One row as handed in: the columns of the JSON form, in its order.

    Scores are decimal text with one place. None stands for an empty cell: no direction, the register's day of
    issue, no certificate that is corrected.
    """

    row: int
    name: str
    id_type: str
    id_number: str
    occupation: str
    edition: int
    direction: str | None
    level: str
    theory: str
    practice: str
    commitment: bool
    training_certificate: str | None
    training_hours: int | None
    issued_on: str | None
    corrects: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """A body's exam: occupations with directions, how many sat, and what is special by row number.

    ``other_documents`` holds ID type, number (of a residence permit the first 15 digits) and, of a foreigner,
    the name.
    """

    occupations: tuple[tuple[str, str | None], ...]
    candidates: int
    failed_rows: frozenset[int]
    rare_names: dict[int, str]
    other_documents: dict[int, tuple[str, str, str | None]]


_PLANS = {
    DemoBody.MIIT_EDUCATION_AND_EXAMINATION_CENTRE: _Plan(
        occupations=(("2-02-10-11", "大数据分析"), ("2-02-10-10", None), ("2-02-10-11", None)),
        candidates=120,
        failed_rows=frozenset({17, 58, 103}),
        rare_names={3: _RARE_NAMES[0], 26: _RARE_NAMES[3], 71: _RARE_NAMES[2]},
        other_documents={
            40: ("passport", "XD8142097", "Elin Sandqvist-Moreau"),
            66: ("hk_macao_permit", "H08142097", None),
            90: ("residence_permit", "810000199308140", None),
        },
    ),
    DemoBody.INSTITUTE_OF_ELECTRONICS: _Plan(
        occupations=(("2-02-10-15", None),),
        candidates=80,
        failed_rows=frozenset({9, 64}),
        rare_names={5: _RARE_NAMES[1]},
        other_documents={
            31: ("taiwan_permit", "08142097", None),
            52: ("passport", "YC4079218", "Tomas Okonkwo"),
        },
    ),
}
# Rows of the first hand-in with a mistake: the wrong check digit, and a score beyond 100.
_WRONG_CHECK_DIGIT_ROW = 12
_WRONG_SCORE_ROW = 85
_WRONG_SCORE = "160.0"


def mended(body: DemoBody) -> tuple[DemoRow, ...]:
    """Return a body's rows without mistakes, numbered from 1."""
    return _rows()[body]


def first_hand_in(body: DemoBody) -> tuple[DemoRow, ...]:
    """Return a body's rows as first handed in: two of the centre's are wrong, none of the institute's."""
    rows = list(mended(body))
    if body is DemoBody.MIIT_EDUCATION_AND_EXAMINATION_CENTRE:
        right = rows[_WRONG_CHECK_DIGIT_ROW - 1]
        rows[_WRONG_CHECK_DIGIT_ROW - 1] = replace(right, id_number=_with_wrong_check_digit(right.id_number))
        rows[_WRONG_SCORE_ROW - 1] = replace(rows[_WRONG_SCORE_ROW - 1], practice=_WRONG_SCORE)
    return tuple(rows)


def _rows() -> dict[DemoBody, tuple[DemoRow, ...]]:
    """Invent everybody at once, so that no name comes twice, whoever asks first."""
    random = Random(_SEED)
    names = [surname + given for surname in _SURNAMES for given in _GIVEN_NAMES]
    random.shuffle(names)
    rows: dict[DemoBody, tuple[DemoRow, ...]] = {}
    for body, plan in _PLANS.items():
        people, names = names[: plan.candidates], names[plan.candidates :]
        rows[body] = tuple(_row(place, name, plan, random) for place, name in enumerate(people, start=1))
    return rows


def _row(place: int, name: str, plan: _Plan, random: Random) -> DemoRow:
    id_type, id_number, foreign_name = plan.other_documents.get(place, ("resident_id", "", None))
    resident = _resident_id(random)
    if id_type == "residence_permit":
        id_number = _with_check_digit(f"{id_number}{random.randrange(10, 100)}")
    occupation, direction = next(islice(cycle(plan.occupations), place, None))
    theory, practice = _scores(failed=place in plan.failed_rows, random=random)
    return DemoRow(
        row=place,
        name=foreign_name or plan.rare_names.get(place, name),
        id_type=id_type,
        id_number=id_number or resident,
        occupation=occupation,
        edition=_EDITION,
        direction=direction,
        level=random.choices(("junior", "intermediate", "senior"), weights=(5, 3, 2))[0],
        theory=theory,
        practice=practice,
        commitment=True,
        training_certificate=None,
        training_hours=None,
        issued_on=None,
        corrects=None,
        reason=None,
    )


def _scores(*, failed: bool, random: Random) -> tuple[str, str]:
    """Return theory and practice; who fails, fails one paper and has passed the other."""
    passing = [random.randrange(600, 985) for _ in range(2)]
    if failed:
        passing[random.randrange(2)] = random.randrange(380, 600)
    theory, practice = (f"{tenths // 10}.{tenths % 10}" for tenths in passing)
    return theory, practice


def _resident_id(random: Random) -> str:
    born_on = date(1970, 1, 1) + timedelta(days=random.randrange((date(2005, 1, 1) - date(1970, 1, 1)).days))
    area = _AREAS[random.randrange(len(_AREAS))]
    return _with_check_digit(f"{area}{born_on:%Y%m%d}{random.randrange(100, 1000)}")


def _with_check_digit(seventeen: str) -> str:
    """Append the check digit of GB 11643 (ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_CHECK_WEIGHTS, seventeen, strict=True))
    return seventeen + "10X98765432"[total % 11]


def _with_wrong_check_digit(number: str) -> str:
    return number[:-1] + ("7" if number[-1] != "7" else "4")
