"""Names behind codes: what is not known is shown as a code, never as an error."""

import pytest

from registry.publication.names import Names
from signing.statement import Occupation
from tests.registry.world import PROFILE

NAMES = Names(
    {PROFILE.code: PROFILE.layout},
    {(PROFILE.code, "S0002"): "某中心"},
    {(1, 2021011): "大数据工程技术人员"},
    {7: "大数据分析"},
)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (PROFILE.packed("S000221000002262000001"), "某中心"),
        (PROFILE.packed("S000921000002262000001"), "S0009"),
        (b"\x63\x01\x02", "99:0102"),
        (bytes([PROFILE.code]) + b"\xff" * 9, "1:" + "ff" * 9),
    ],
)
def test_an_issuer_is_shown_by_name_else_by_key_else_by_number(number, shown):
    assert NAMES.issuer(number) == shown


def test_occupations_and_directions_are_shown_by_name_or_code():
    assert NAMES.occupation(Occupation(1, 2021011)) == "大数据工程技术人员"
    assert NAMES.occupation(Occupation(2, 2021011)) == "2-02-10-11"
    assert (NAMES.direction(7), NAMES.direction(8), NAMES.direction(None)) == ("大数据分析", "8", None)
