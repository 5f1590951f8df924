"""The provinces by their two-digit code of GB/T 2260, and 新疆生产建设兵团, whose code is assumed."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from registry.directory.provenance import Sourced, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Province(Sourced):
    """A province: ``code`` "21", ``name`` 辽宁, ``full_name`` 辽宁省."""

    code: str
    name: str
    full_name: str
    status: Status
    source: str
    why: str | None = None


@cache
def provinces() -> dict[str, Province]:
    """Return the provinces by code, in ascending order."""
    text = files("registry").joinpath("data", "provinces.json").read_text("utf-8")
    items = sorted(json.loads(text)["provinces"], key=lambda item: str(item["code"]))
    return {item["code"]: Province(**{**item, "status": Status(item["status"])}) for item in items}
