"""Twenty thousand invented names, by the kinds that registers have stumbled over; the same every time.

Ordinary names, every block of ideographs, characters that old systems kept in private use, compatibility ideographs,
radicals pasted from PDFs, variation selectors, middle dots, other scripts, blanks, look-alikes, traditional and
simplified pairs, and what Excel makes of things.
"""

import unicodedata
from collections.abc import Iterator
from random import Random

SIZE = 20_000
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗欧阳司徒"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红鑫宇浩然子涵梓轩一诺"
BLOCKS = (
    (0x3400, 0x4DBF), (0x4E00, 0x9FA5), (0x9FA6, 0x9FFC), (0x20000, 0x2A6DF), (0x2A700, 0x2B738), (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x30000, 0x3134A), (0x31350, 0x323AF),
    (0x323B0, 0x33479),
)  # fmt: skip
PRIVATE = "\ue863\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864"
MEANT = "\u4dae\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb"
WRONG_DOTS = "\u2022\u30fb\u2027\uff0e.\uff65\u2219\u22c5\u0387"
SCRIPTS = (
    "ئابدۇرەھىم", "مۇھەممەت", "བསྟན འཛིན", "ᠪᠠᠲᠤ", "Anna-Maria O'Neil", "José Ångström", "Nguyễn Văn An", "สำราญ",
    "Նարեկ", "Ольга Петрова", "Ελένη", "김민수", "さとう", "आनंद",
)  # fmt: skip
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\ufeff\u00ad\u2060"
BLANKS = " \u3000\u00a0"
ALIKE = ("己已巳", "未末", "土士", "日曰", "戊戌戍", "人入", "汩汨", "炙灸", "候侯", "治冶")
PAIRS = ("龑䶮", "張张", "劉刘", "葉叶", "後后", "於于", "萬万", "鍾钟", "範范", "餘余")
MANGLED = (
    "=张三", "+张三", "-张三", "@张三", "=1+1", "1E10", "1.10101E+17", "2026/10/11", "10月11日", "#N/A", "#REF!",
    "'张三", "TRUE1", "张三2", "张\t三", "张\n三", "\"张三\"", "张三;", "张,三", "张三（男）",
)  # fmt: skip


def names() -> Iterator[tuple[str, str]]:
    """Yield kind and name."""
    random = Random(11643)
    compatibility = _compatibility_ideographs()
    made: list[tuple[str, str]] = []
    made += [
        ("block", random.choice(_SURNAMES) + chr(random.randint(*block)))
        for block in BLOCKS
        for _ in range(400)
    ]
    made += [("private", f"张{random.choice(_GIVEN)}{sign}") for sign in PRIVATE for _ in range(40)]
    made += [("meant", f"张{random.choice(_GIVEN)}{sign}") for sign in MEANT for _ in range(40)]
    made += [("compatibility", f"李{character}") for character in compatibility]
    made += [("radical", f"陈{chr(code)}") for code in range(0x2F00, 0x2FD6)]
    made += [
        ("variation", f"葛{chr(0xE0100 + number % 240)}{random.choice(_GIVEN)}") for number in range(600)
    ]
    made += [("dot", f"{_given(random, 3)}·{_given(random, 4)}") for _ in range(1000)]
    made += [
        ("wrong dot", f"{_given(random, 3)}{dot}{_given(random, 4)}") for dot in WRONG_DOTS for _ in range(80)
    ]
    made += [("script", f"{random.choice(SCRIPTS)} {random.choice(SCRIPTS)}") for _ in range(1500)]
    made += [
        ("invisible", _with(random.choice(INVISIBLE), random.choice(SCRIPTS), random)) for _ in range(700)
    ]
    made += [("decomposed", unicodedata.normalize("NFD", name)) for name in SCRIPTS for _ in range(40)]
    made += [
        ("outer blank", random.choice(BLANKS) + _ordinary(random) + random.choice(BLANKS)) for _ in range(800)
    ]
    made += [("inner blank", _with(random.choice(BLANKS), _ordinary(random), random)) for _ in range(700)]
    made += [
        ("alike", _ordinary(random) + character) for group in ALIKE for character in group for _ in range(30)
    ]
    made += [
        ("pair", _ordinary(random) + character) for pair in PAIRS for character in pair for _ in range(30)
    ]
    made += [("mangled", name) for name in MANGLED for _ in range(20)]
    made += [("long", _given(random, length)) for length in range(45, 70) for _ in range(16)]
    yield from made
    for _ in range(SIZE - len(made)):
        yield "ordinary", _ordinary(random)


def _ordinary(random: Random) -> str:
    return random.choice(_SURNAMES) + _given(random, random.choice((1, 2, 2, 2, 3)))


def _given(random: Random, length: int) -> str:
    return "".join(random.choice(_GIVEN) for _ in range(length))


def _with(sign: str, name: str, random: Random) -> str:
    """Put a sign between two characters of a name."""
    place = random.randint(1, len(name) - 1)
    return name[:place] + sign + name[place:]


def _compatibility_ideographs() -> list[str]:
    codes = (*range(0xF900, 0xFB00), *range(0x2F800, 0x2FA1E))
    return [chr(code) for code in codes if unicodedata.name(chr(code), "").startswith("CJK COMPATIBILITY")]
