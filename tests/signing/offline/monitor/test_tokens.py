"""A body's tokens against the log: what was issued in its name without it, and what it holds that was never logged."""

import pytest

from signing.log.leaf import LeafKind
from tests.log_world import token_of
from tests.vectors import world
from tests.vectors.world import STRANGER

FIRST, SECOND = "S000123000001263", "S000223000001263"


@pytest.fixture
def body(honest):
    """A register whose first body holds every certificate that it ever got, of 305 numbers."""
    mine = [entry for entry, (number, _) in honest.register.numbers.items() if number.startswith(FIRST)]
    honest.hold(*mine)
    return honest


def told(answer):
    return [(item["code"], item["number"], item["entry"]) for item in answer["findings"]]


def test_a_body_that_holds_all_of_its_certificates_is_told_nothing(body):
    assert body.found("--tokens", body.folder / "tokens") == []


def test_tokens_may_lie_in_one_folder_side_by_side(body):
    folder = body.folder / "flat"
    folder.mkdir()
    for path in (body.folder / "tokens").glob("*/token.cbor"):
        (folder / f"{path.parent.name}.cbor").write_bytes(path.read_bytes())

    assert body.found("--tokens", folder) == []


def test_a_certificate_that_the_body_does_not_hold_is_found(body):
    (body.folder / "tokens" / "8" / "token.cbor").unlink()

    _, answer = body.watch("--tokens", body.folder / "tokens")

    assert told(answer) == [("unknown_to_body", f"{FIRST}000008", 8)]


def test_another_bodys_certificates_are_none_of_its_business_unless_it_asks(body):
    assert body.found("--tokens", body.folder / "tokens", "--body", "S0001") == []

    _, answer = body.watch("--tokens", body.folder / "tokens", "--body", "S0002")

    assert {code for code, *_ in told(answer)} == {"unknown_to_body"}
    assert len(told(answer)) == 31


def test_a_token_that_was_never_logged_is_found(body):
    path = body.folder / "tokens" / "off-the-books.cbor"
    path.write_bytes(token_of(9000, f"{FIRST}000999"))

    _, answer = body.watch("--tokens", body.folder / "tokens")

    assert told(answer) == [("not_in_log", f"{FIRST}000999", 9000)]
    assert answer["findings"][0]["file"] == "off-the-books.cbor"


def test_a_name_that_was_swapped_is_told_once(body):
    (body.folder / "tokens" / "8" / "token.cbor").write_bytes(token_of(8, f"{FIRST}000008", "李四"))

    _, answer = body.watch("--tokens", body.folder / "tokens")

    assert told(answer) == [("content_differs", f"{FIRST}000008", 8)]


def test_a_correction_that_the_body_does_not_know_is_another_certificate_under_its_number(body):
    fresh = body.register.correct(8)
    body.publish()

    _, answer = body.watch("--tokens", body.folder / "tokens")
    body.hold(fresh)

    assert told(answer) == [("content_differs", f"{FIRST}000008", fresh)]
    assert body.found("--tokens", body.folder / "tokens") == []


def test_a_body_may_keep_the_newest_version_alone(body):
    body.hold(body.register.correct(8))
    body.publish()
    (body.folder / "tokens" / "8" / "token.cbor").unlink()

    assert body.found("--tokens", body.folder / "tokens") == []


def test_a_superseded_version_of_a_number_that_the_body_does_not_hold_is_found(body):
    fresh = body.register.correct(8)
    body.publish()
    (body.folder / "tokens" / "8" / "token.cbor").unlink()

    _, answer = body.watch("--tokens", body.folder / "tokens")

    assert told(answer) == [
        ("unknown_to_body", f"{FIRST}000008", 8), ("unknown_to_body", f"{FIRST}000008", fresh)
    ]  # fmt: skip


def test_what_was_void_before_it_was_released_is_held_by_nobody(body):
    void = next(
        entry for entry in body.register.tokens if body.register.numbers[entry][0] == f"{FIRST}000302"
    )
    path = body.folder / "tokens" / str(void) / "token.cbor"
    held = path.read_bytes()
    path.unlink()

    assert body.found("--tokens", body.folder / "tokens") == []
    path.write_bytes(held)
    assert body.found("--tokens", body.folder / "tokens") == []


def test_a_revoked_certificate_is_still_known(body):
    body.register.change(LeafKind.REVOKE, 9)
    body.publish()
    (body.folder / "tokens" / "9" / "token.cbor").unlink()

    _, answer = body.watch("--tokens", body.folder / "tokens")

    assert told(answer) == [("unknown_to_body", f"{FIRST}000009", 9)]


def test_all_of_the_log_is_compared_and_not_only_what_is_new(body):
    body.watch()
    (body.folder / "tokens" / "8" / "token.cbor").unlink()

    assert body.found("--tokens", body.folder / "tokens") == ["unknown_to_body"]
    assert body.found("--tokens", body.folder / "tokens") == ["unknown_to_body"]


def test_a_token_of_a_distrusted_key_is_held_against_the_log_all_the_same(desk):
    register = desk.register
    series = register.open()
    token = token_of(1, f"{series}000001", key=world.BURNT)
    register.sign(f"{series}000001", 1)
    desk.publish()
    (desk.folder / "tokens").mkdir()
    (desk.folder / "tokens" / "a.cbor").write_bytes(token)

    assert desk.found("--tokens", desk.folder / "tokens") == ["content_differs"]


STRANGE = {
    "empty": b"",
    "text": b"not a token",
    "too large": bytes(5000),
    "by a stranger": token_of(8, f"{FIRST}000008", key=STRANGER),
    "cut short": token_of(8, f"{FIRST}000008")[:-1],
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_a_file_that_is_no_token_of_this_register_is_a_doubt(body, content):
    (body.folder / "tokens" / "strange.cbor").write_bytes(content)

    code, answer = body.watch("--tokens", body.folder / "tokens")

    assert (code, answer["findings"]) == (2, [])
    assert answer["doubts"] == [{"code": "token_not_read", "about": "strange.cbor"}]


def test_a_folder_that_is_none_is_wrong_use(honest):
    code, out, err = honest.run("--tokens", honest.folder / "nowhere")

    assert (code, out) == (64, "")
    assert "nowhere" in err


def test_a_code_under_which_nothing_was_ever_issued_is_told(body):
    code, answer = body.watch("--body", "S0001", "--body", "S9999")
    _, told_to_people, _ = body.run("--body", "S9999")

    assert (code, answer["never_issued"]) == (0, ["S9999"])
    assert "nothing was ever issued under S9999; is the code right?" in told_to_people


def test_how_many_tokens_were_held_against_the_log_is_told(body):
    folder = body.folder / "tokens"
    count = len(list(folder.glob("*/token.cbor")))

    assert body.watch("--tokens", folder)[1]["tokens_held"] == count > 0
    assert f"Tokens held against the log: {count}\n" in body.run("--tokens", folder)[1]
    assert body.watch()[1]["tokens_held"] is None
