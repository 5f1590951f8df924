"""The 12-bit ID check."""

import hashlib

import pytest

from signing.errors import Malformed
from signing.id_check import IdType, canonical, id_check
from tests.vectors.world import SALT


@pytest.mark.parametrize(
    ("written", "one_form"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("11010519491231002x", "11010519491231002X"),
        ("11010519491231002Ⅹ", "11010519491231002X"),
        ("11010519491231002ⅹ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        (" 110105 1949\u00a01231\u3000002X\t\n\v\f\r", "11010519491231002X"),
        ("h01234567（00）", "H01234567(00)"),
        ("～！", "~!"),
        ("straße", "STRAßE"),
        ("ıé", "ıé"),
        ("\u2003\u200b\ufeff\x85", "\u2003\u200b\ufeff\x85"),
        ("", ""),
    ],
)
def test_a_number_has_one_form(written, one_form):
    assert canonical(written) == one_form


def test_the_check_is_the_first_12_bits_of_pbkdf2():
    digest = hashlib.pbkdf2_hmac("sha256", b"passport:E12345678", SALT, 100_000)

    assert id_check(SALT, IdType.PASSPORT, " e12345678") == int.from_bytes(digest, "big") >> 244


def test_the_type_and_the_salt_are_part_of_the_check():
    checks = {
        id_check(salt, id_type, "01234567")
        for salt in (SALT, bytes(16))
        for id_type in (IdType.PASSPORT, IdType.TAIWAN_PERMIT, IdType.HK_MACAO_PERMIT)
    }
    assert len(checks) == 6


@pytest.mark.parametrize(
    ("salt", "number"), [(b"", "1"), (bytes(15), "1"), (bytes(17), "1"), (SALT, "\ud800")]
)
def test_what_can_not_be_checked_is_refused(salt, number):
    with pytest.raises(Malformed):
        id_check(salt, IdType.PASSPORT, number)


def test_an_unknown_type_is_a_programmers_error():
    with pytest.raises(ValueError, match="library card"):
        id_check(SALT, "library card", "1")
