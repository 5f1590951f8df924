"""What a numbering profile's JSON file must look like, before anything is made of it.

Strict in the manner of the tables: keys exactly as listed, every fault told at once, each beside its key.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from registry.directory.provenance import Status
from registry.directory.sheet import Faults
from signing.errors import Malformed
from signing.number import Field

LEVEL_NAMES = ("junior", "intermediate", "senior")


def read_shape(file: str, data: bytes, faults: Faults) -> dict[str, Any] | None:
    """Return the file's object if it has the shape of a profile; else note its faults and return ``None``."""
    before = len(faults.found)
    try:
        item = json.loads(data.decode("utf-8"), object_pairs_hook=_object_without_repeats)
    except ValueError as error:
        faults.note(file, None, "-", f"不是合格的 JSON：{error}")
        return None
    if not isinstance(item, dict) or list(item) != list(_KEYS):
        faults.note(file, None, "-", f"应有且仅有这些键，次序相同：{', '.join(_KEYS)}")
        return None
    for key, (fits, wanted) in _KEYS.items():
        if not fits(item[key]):
            faults.note(file, None, key, wanted)
    if len(faults.found) == before:
        _check_references(file, item, faults)
    return item if len(faults.found) == before else None


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    item = dict(pairs)
    if len(item) != len(pairs):
        raise ValueError("键重复")
    return item


def _check_references(file: str, item: dict[str, Any], faults: Faults) -> None:
    """Check what one key says about another."""
    widths = {field["name"]: field["width"] for field in item["fields"]}
    named = [("serial", item["serial"]), ("level", item["level"])]
    named += [("issuer", name) for name in item["issuer"]] + [("series", name) for name in item["series"]]
    for key, name in named:
        if name is not None and name not in widths:
            faults.note(file, None, key, f"没有名为 {name} 的字段")
    if len(widths) != len(item["fields"]):
        faults.note(file, None, "fields", "字段名重复")
    if item["serial"] in item["series"]:
        faults.note(file, None, "series", "流水号不属于其所在序列的范围")
    if item["issues"]:
        _check_issuing(file, item, faults)


def _check_issuing(file: str, item: dict[str, Any], faults: Faults) -> None:
    """Check what a profile needs beyond reading: everything that a new number is put together from."""
    fields = {field["name"]: field for field in item["fields"]}
    known = {*item["issuer"], "province", "site", "year", item["level"]}
    if set(fields) != {*item["series"], item["serial"]} or not set(item["series"]) <= known:
        faults.note(file, None, "series", "用于发证的档案，除流水号外各字段均须属于序列范围且来源已知")
    if not item["valid_from"]:
        faults.note(file, None, "valid_from", "用于发证的档案须有生效日期")
    level = fields.get(item["level"])
    if level is None:
        return
    if set(item["level_map"]) != set(LEVEL_NAMES):
        faults.note(file, None, "level_map", f"用于发证的档案须列出 {', '.join(LEVEL_NAMES)}")
    for text in item["level_map"].values():
        if len(text) != level["width"] or not set(text) <= set(level["alphabet"]):
            faults.note(file, None, "level_map", f"等级码 {text} 不合其字段")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value == value.strip() != ""


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z0-9-]+", value) is not None


def _is_names(value: Any) -> bool:
    all_text = isinstance(value, list) and value != [] and all(map(_is_text, value))
    return all_text and len(set(value)) == len(value)


def _is_text_map(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(text) for text in value.values())


def _is_level_map(value: Any) -> bool:
    distinct = _is_text_map(value) and len(set(value.values())) == len(value)
    return distinct and set(value) <= set(LEVEL_NAMES)


def _is_day(value: Any) -> bool:
    if value is None:
        return True
    if not (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_field(value: Any) -> bool:
    if not isinstance(value, dict) or list(value) != ["name", "width", "alphabet"]:
        return False
    if not _is_text(value["name"]):
        return False
    try:
        Field(**value)
    except Malformed:
        return False
    return True


_KEYS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "code": (lambda value: type(value) is int and 1 <= value <= 255, "应为 1 到 255 的整数"),
    "id": (_is_id, "应为小写字母、数字和连字符"),
    "name": (_is_text, "应为文字"),
    "authority": (_is_text, "应为文字"),
    "status": (lambda value: value in list(Status), "应为 confirmed 或 assumed"),
    "source": (_is_text, "应为文字"),
    "why": (_is_text, "应为文字"),
    "valid_from": (_is_day, "应为 YYYY-MM-DD 或 null"),
    "issues": (lambda value: isinstance(value, bool), "应为 true 或 false"),
    "issuer": (_is_names, "应为不重复的字段名"),
    "level": (lambda value: value is None or _is_text(value), "应为字段名或 null"),
    "level_map": (_is_level_map, f"应为 {', '.join(LEVEL_NAMES)} 到互不相同的等级码"),
    "serial": (_is_text, "应为字段名"),
    "series": (_is_names, "应为不重复的字段名"),
    "categories": (_is_text_map, "应为类别代码到名称"),
    "fields": (
        lambda value: isinstance(value, list) and value != [] and all(map(_is_field, value)),
        "应为字段表，每项有 name、width（1 到 16）、alphabet（字符不重复）",
    ),
}
