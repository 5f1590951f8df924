"""Certificates into a folder: what is whole is left alone, what is not is fetched, and nothing lands elsewhere."""

import base64
import io
import json
import zipfile
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.client import Client, ClientKey, Transport
from registry.client.certificates import PDF, PNG, SINGLY, TOKEN
from registry.client.errors import AnswerUnusable, WrongUse
from tests.registry.client.scripted import scripted

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
        client = Client(Transport(script.url, KEY, "test"))
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
    with pytest.raises(WrongUse, match="无法写入"):
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
