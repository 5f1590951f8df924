"""Certificates into a folder: what is whole is left alone, what is not is fetched, and nothing lands elsewhere."""

import base64
import io
import json
import os
import zipfile
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.client import Client, ClientKey, Transport
from registry.client.certificate_folder import PDF, PNG, TOKEN
from registry.client.certificates import SINGLY
from registry.client.errors import AnswerUnusable, InDoubt, Refused, WrongUse
from registry.client.single_faults import MOST_IN_A_ROW
from registry.client.transport import MOST_FAILURES
from tests.registry.client.scripted import problem, says, scripted

SUBMISSION = UUID(int=3)
KEY = ClientKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))


def sends(content):
    def step(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return step


def tokens(**found):
    lines = [
        {"number": number, "entry": 1, "token": base64.b64encode(token).decode()}
        for number, token in found.items()
    ]
    return sends("".join(f"{json.dumps(line)}\n" for line in lines).encode())


def fetch(folder, *steps):
    """Fetch from a register that answers so; return what was done, and what it was asked for."""
    with scripted(*steps) as script:
        client = Client(Transport(script.url, KEY, "test", sleep=lambda _: None))
        done = client.certificates.fetch(SUBMISSION, folder)
        return done, [each.target.rpartition("/")[2] for each in script.asked]


def test_what_is_missing_is_fetched_and_what_is_whole_left_alone(tmp_path):
    first = fetch(tmp_path, tokens(A1=b"one"), sends(b"png"), sends(b"pdf"))
    second = fetch(tmp_path, tokens(A1=b"one", A2=b"two"), sends(b"png"), sends(b"pdf"))

    assert [asked for _, asked in (first, second)] == [["tokens", PNG, PDF]] * 2
    assert (second[0].certificates, second[0].fetched) == (2, 1)
    assert {file.name for file in (tmp_path / "A2").iterdir()} == {TOKEN, PNG, PDF}


def test_a_certificate_that_was_corrected_is_fetched_anew(tmp_path):
    fetch(tmp_path, tokens(A1=b"one"), sends(b"png"), sends(b"pdf"))

    fetch(tmp_path, tokens(A1=b"another"), sends(b"new png"), sends(b"new pdf"))

    found = [(tmp_path / "A1" / name).read_bytes() for name in (TOKEN, PNG, PDF)]
    assert found == [b"another", b"new png", b"new pdf"]


def test_one_that_was_stopped_in_the_middle_never_looks_whole(tmp_path):
    fetch(tmp_path, tokens(A1=b"one"), sends(b"png"), sends(b"pdf"))
    (tmp_path / "A1" / PDF).unlink()
    (tmp_path / "A1" / PDF).mkdir()

    # The new image can be written, the PDF can not.
    with pytest.raises(WrongUse, match="无法读写"):
        fetch(tmp_path, tokens(A1=b"another"), sends(b"new png"), sends(b"new pdf"))

    assert not (tmp_path / "A1" / TOKEN).exists()


def test_many_images_come_in_one_answer(tmp_path):
    numbers = [f"N{number}" for number in range(SINGLY + 1)]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as images:
        for number in numbers:
            images.writestr(f"{number}.png", number.encode())

    _, asked = fetch(
        tmp_path, tokens(**dict.fromkeys(numbers, b"t")), sends(archive.getvalue()), sends(b"pdf")
    )

    assert asked == ["tokens", "qr.zip", *[PDF] * len(numbers)]
    assert [(tmp_path / number / PNG).read_bytes() for number in numbers] == [n.encode() for n in numbers]


NOT_TO_BE_HAD = {
    "a token that does not verify": [problem(409, "token_unusable")],
    "a name without its glyph": [sends(b"png"), problem(409, "glyph_missing")],
    "one that was revoked a moment ago": [sends(b"png"), problem(409, "not_in_force")],
    "a register that fails at it": [*[problem(500, "internal_error")] * MOST_FAILURES],
}


@pytest.mark.parametrize("name", NOT_TO_BE_HAD)
def test_one_that_can_not_be_fetched_keeps_no_other_waiting(tmp_path, name):
    steps = NOT_TO_BE_HAD[name]

    done, _ = fetch(tmp_path, tokens(A1=b"one", A2=b"two"), *steps, sends(b"png"), sends(b"pdf"))

    assert (done.certificates, done.fetched, list(done.left_out)) == (2, 1, ["A1"])
    assert done.left_out["A1"] in {"token_unusable", "glyph_missing", "not_in_force", "internal_error"}
    assert [place.name for place in tmp_path.iterdir()] == ["A2"]


FAILS = [problem(500, "internal_error")] * MOST_FAILURES
HAD = [sends(b"png"), sends(b"pdf")]
NUMBERS = {f"A{number}": b"t" for number in range(SINGLY)}


def test_a_register_that_fails_at_one_after_the_other_is_left_alone(tmp_path):
    with scripted(tokens(**NUMBERS), *HAD, *FAILS * MOST_IN_A_ROW, *HAD) as script:
        client = Client(Transport(script.url, KEY, "test", sleep=lambda _: None))
        with pytest.raises(InDoubt, match="internal_error"):
            client.certificates.fetch(SUBMISSION, tmp_path)

    assert len(script.asked) == 1 + len(HAD) + MOST_FAILURES * MOST_IN_A_ROW
    assert [place.name for place in tmp_path.iterdir()] == ["A0"]


def test_failures_with_a_certificate_between_are_about_one_each(tmp_path):
    # Two, one that comes, and two again.
    done, _ = fetch(tmp_path, tokens(**NUMBERS), *[*FAILS * 2, *HAD] * 2, *HAD * SINGLY)

    assert list(done.left_out) == ["A0", "A1", "A3", "A4"]
    assert set(done.left_out.values()) == {"internal_error"}
    assert done.fetched == SINGLY - 4


def test_a_refusal_of_one_says_nothing_of_the_register_s_health(tmp_path):
    refused = problem(409, "token_unusable")

    with pytest.raises(InDoubt):
        fetch(tmp_path, tokens(**NUMBERS), *FAILS * 2, refused, *FAILS, *HAD * SINGLY)


def test_a_register_that_fails_is_not_asked_either_for_all_that_is_in_force_no_more(tmp_path):
    fetch(tmp_path, tokens(**NUMBERS), *HAD * SINGLY)
    gone = listed(**dict.fromkeys(NUMBERS, "superseded"))

    with pytest.raises(InDoubt):
        fetch(tmp_path, tokens(), gone, *FAILS)


def test_a_refusal_that_would_meet_all_ends_it(tmp_path):
    with pytest.raises(Refused, match="key_revoked"):
        fetch(tmp_path, tokens(A1=b"one", A2=b"two"), problem(401, "key_revoked"))


def test_files_are_their_owners_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        fetch(tmp_path / "certificates", tokens(A1=b"one"), sends(b"png"), sends(b"pdf"))
    finally:
        os.umask(before)

    folder = tmp_path / "certificates" / "A1"
    assert {place.stat().st_mode & 0o777 for place in (folder.parent, folder)} == {0o700}
    assert {place.stat().st_mode & 0o777 for place in folder.iterdir()} == {0o600}


def listed(**statuses):
    items = [{"number": number, "status": status} for number, status in statuses.items()]
    return says(200, {"items": items, "next": None})


def test_what_is_in_force_no_more_is_named_and_left_where_it_is(tmp_path):
    fetch(tmp_path, tokens(A1=b"one", A2=b"two"), *[sends(b"png"), sends(b"pdf")] * 2)
    # Of another submission, in the same folder.
    fetch(tmp_path, tokens(B1=b"three"), sends(b"png"), sends(b"pdf"), listed(B1="released"))

    done, _ = fetch(
        tmp_path, tokens(A2=b"two"), listed(A1="revoked", A2="released"), problem(409, "not_in_force")
    )

    assert (done.fetched, done.outdated) == (0, {"A1": "revoked"})
    assert (tmp_path / "A1" / PDF).read_bytes() == b"pdf"


@pytest.mark.parametrize(("kept", "outdated"), [(b"two", {}), (b"one", {"A1": "superseded"})])
def test_of_one_that_another_submission_corrected_the_token_decides(tmp_path, kept, outdated):
    fetch(tmp_path, tokens(A1=kept), sends(b"png"), sends(b"pdf"))

    done, _ = fetch(tmp_path, tokens(), listed(A1="superseded"), sends(b"two"))

    assert done.outdated == outdated


def test_a_folder_that_can_not_be_read_is_wrong_use(tmp_path):
    fetch(tmp_path, tokens(A1=b"one"), sends(b"png"), sends(b"pdf"))
    (tmp_path / "A1" / TOKEN).unlink()
    # A file that opens, and can not be read.
    (tmp_path / "A1" / TOKEN).symlink_to("/proc/self/mem")

    with pytest.raises(WrongUse, match="无法读写"):
        fetch(tmp_path, tokens(A1=b"one"))


def spoilt_archive():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as images:
        images.writestr("N0.png", bytes(1000))
    spoilt = bytearray(content.getvalue())
    spoilt[36:40] = b"\xff" * 4
    return bytes(spoilt)


@pytest.mark.parametrize("archive", [b"PK", spoilt_archive()], ids=["no zip", "a stream that is none"])
def test_an_archive_of_images_that_is_none_is_not_believed(tmp_path, archive):
    numbers = dict.fromkeys((f"N{number}" for number in range(SINGLY + 1)), b"t")

    with pytest.raises(AnswerUnusable, match="二维码"):
        fetch(tmp_path, tokens(**numbers), sends(archive))


STRANGE = {
    "a number that is a path": tokens(**{"../../elsewhere": b"t"}),
    "no lines of JSON": sends(b"hello\n"),
    "no token": sends(b'{"number":"A1","entry":1}\n'),
    "no base64": sends(b'{"number":"A1","token":"*"}\n'),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_list_of_tokens_that_is_none_writes_nothing(tmp_path, name):
    with pytest.raises(AnswerUnusable):
        fetch(tmp_path / "certificates", STRANGE[name])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", ["", "../keys", "A1?x", "A" * 65])
def test_what_is_no_number_is_not_asked_for(number):
    with scripted(sends(b"")) as script:
        client = Client(Transport(script.url, KEY, "test"))
        with pytest.raises(WrongUse):
            client.certificates.pdf(number)
        with pytest.raises(WrongUse):
            client.requests.ask(number, "revoke", "x")

    assert script.asked == []
