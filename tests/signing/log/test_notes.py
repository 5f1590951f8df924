"""Signed notes: which bytes are one, whose lines count, and which line refuses the whole."""

import base64

import pytest

from signing.errors import BadSignature, LogRefused, Malformed
from signing.log.note import MAX_NOTE, MAX_SIGNATURES, Head, Note, read_decimal, read_signatures
from tests.signing.log.signers import (
    HEAD,
    LOG,
    LOG_PQ,
    ORIGIN,
    STAMP,
    STRANGER,
    W1,
    W1_PQ,
    W2,
    note,
    policy,
)

LINE = LOG.line()
SOME = base64.b64encode(bytes(68)).decode()

NO_NOTES = {
    "nothing": b"",
    "a text alone": b"text\n",
    "a text and an empty line": b"text\n\n",
    "no empty line": b"text\n" + LINE.encode(),
    "signatures alone": LINE.encode(),
    "no newline at the end": note(LOG)[:-1],
    "an empty line at the end": note(LOG) + b"\n",
    "a line that is none": note(LOG) + b"Unexpected line.\n",
    "a hyphen": note(LOG).replace("—".encode(), b"-"),
    "no dash": note(LOG).replace("— ".encode(), b""),
    "no space after the dash": note(LOG).replace("— ".encode(), "—".encode()),
    "another space after the dash": note(LOG).replace("— ".encode(), "—\u00a0".encode()),
    "two spaces after the dash": note(LOG).replace("— ".encode(), "—  ".encode()),
    "two spaces after the name": note(LOG).replace(b"2026 ", b"2026  "),
    "a space at the end of a line": note(LOG)[:-1] + b" \n",
    "no name": note(f"—  {SOME}\n"),
    "a plus in a name": note(f"— a+b {SOME}\n"),
    "no signature": note(f"— {ORIGIN}\n"),
    "an empty signature": note(f"— {ORIGIN} \n"),
    "a key id alone": note(f"— {ORIGIN} AAAAAA==\n"),
    "three bytes": note(f"— {ORIGIN} AAAA\n"),
    "not UTF-8": b"\xff" + note(LOG),
    "a surrogate": b"\xed\xa0\x80" + note(LOG),
    "a name in another coding": note(LOG) + b"\xe2\x80\x94 caf\xe9 AAAAAAA=\n",
}


def with_name(name: str) -> bytes:
    return note(LOG, f"— {name} {SOME}\n")


def many(count: int) -> bytes:
    return note(LOG, *(f"— s{place}.example {SOME}\n" for place in range(count - 1)))


def signers_of(data: bytes, *signers) -> dict:
    """Return when each of these signed the head, by name and kind."""
    found = Note.parse(data).verified(HEAD, [signer.key for signer in signers])
    return {(key.name, key.kind): stamp for key, stamp in found.items()}


@pytest.mark.parametrize("data", NO_NOTES.values(), ids=NO_NOTES)
def test_what_is_no_note_is_refused(data):
    with pytest.raises(Malformed):
        Note.parse(data)
    with pytest.raises(LogRefused):
        policy().open(data)


@pytest.mark.parametrize("place", range(32))
def test_no_control_character_but_the_newline_is_in_a_note(place):
    odd, whole = bytes([place]), note(LOG)
    inside = [odd + whole, whole.replace(b"70000", b"70" + odd + b"000"), whole[:-2] + odd + whole[-2:]]
    if place == 10:
        assert Note.parse(inside[0]).text == "\n" + HEAD.to_text()
        return
    for data in inside:
        with pytest.raises(Malformed):
            Note.parse(data)


@pytest.mark.parametrize("end", [b"\r\n", b"\r", "\u2028".encode(), "\u0085".encode(), b"\v", b"\f"])
def test_a_line_ends_with_a_newline_and_nothing_else(end):
    with pytest.raises(LogRefused):
        policy().open(note(LOG).replace(b"\n", end))
    with pytest.raises(LogRefused):
        policy().open(note(LOG).replace(b"70000\n", b"70000" + end))


@pytest.mark.parametrize(
    "name",
    ["a b", "a\u00a0b", "a\u1680b", "a\u2003b", "a\u2028b", "a\u202fb", "a\u205fb", "a\u3000b", "a\u0085b"],
)
def test_a_name_has_no_space_of_any_kind(name):
    with pytest.raises(Malformed):
        Note.parse(with_name(name))


@pytest.mark.parametrize(
    "name", ["a", "登记.example", "a\u200bb", "a\ufeff", "a\x7fb", "—", "a:b/c?d#e", "a" * 5000]
)
def test_a_line_of_any_lawful_name_is_passed_by(name):
    assert Note.parse(with_name(name)).signatures[1].name == name
    assert policy().open(with_name(name)).head == HEAD


def test_the_text_ends_at_the_last_empty_line():
    lines = LINE.encode()

    assert Note.parse(b"a\n\nb\n\n" + lines).text == "a\n\nb\n"
    assert Note.parse(b"a\n\n\n" + lines).text == "a\n\n"
    assert Note.parse(b"\n\n" + lines).text == "\n"
    assert Note.parse("a\n\n— b AAAAAAA=\n\n".encode() + lines).text == "a\n\n— b AAAAAAA=\n"


def test_lines_of_unknown_keys_are_passed_by():
    same_name, same_id = LOG.key.line(bytes(64)), STRANGER.line()
    other_id = same_name.replace(base64.b64encode(LOG.key.key_id + bytes(2)).decode(), "AAAAAAAA")
    borrowed_id = f"— other.example {LINE.split(' ')[2]}"

    data = note(LOG, same_id, other_id, borrowed_id, STRANGER, W2)

    assert other_id != same_name
    assert signers_of(data, LOG, W1) == {(ORIGIN, 1): 0}


def test_a_note_that_no_known_key_signed_names_nobody():
    assert signers_of(note(STRANGER, W1), LOG, LOG_PQ) == {}


@pytest.mark.parametrize(
    "signer", [LOG, LOG_PQ, W1, W1_PQ], ids=["log", "log, ML-DSA", "witness", "witness, ML-DSA"]
)
def test_a_line_of_a_known_key_that_does_not_hold_refuses_all(signer):
    other = Head(HEAD.origin, HEAD.size + 1, HEAD.root)
    good = signer.line()

    for bad in (
        signer.line(other),
        signer.key.line(b"\x00"),
        signer.key.line(b"", stamp=0),
        good[:-6] + "A" + good[-5:],
    ):
        for lines in ((LOG, W2, bad), (bad, LOG, W2), (good, bad, LOG, W2)):
            with pytest.raises((BadSignature, Malformed)):
                signers_of(note(*lines), LOG, W2, signer)
            with pytest.raises(LogRefused):
                policy().open(note(*lines))


def test_the_kinds_of_signature_do_not_pass_for_each_other():
    key, other = W1.key, LOG.key
    as_log = other.line(W1.private.sign(HEAD.to_text().encode()))
    without_time = key.line(W1.private.sign(HEAD.to_text().encode()))

    with pytest.raises(BadSignature):
        signers_of(note(as_log), LOG)
    with pytest.raises(BadSignature):
        signers_of(note(without_time), W1)


def test_a_signature_is_for_the_time_that_it_states():
    later = W1.key.line(W1.private.sign(W1.key.message(HEAD, STAMP)), STAMP + 1)
    for stamp in (0, 1, STAMP, (1 << 63) - 1):
        assert signers_of(note(W1.line(stamp=stamp)), W1) == {(W1.name, 4): stamp}

    with pytest.raises(BadSignature):
        signers_of(note(later), W1)


@pytest.mark.parametrize("signer", [W1, W1_PQ])
def test_a_time_has_63_bits(signer):
    stamp = 1 << 63
    signature = signer.private.sign(signer.key.message(HEAD, stamp))

    with pytest.raises(BadSignature):
        signers_of(note(signer.key.line(signature, stamp)), signer)


def test_of_two_good_lines_of_a_key_the_later_counts():
    lines = (W1.line(stamp=7), W1.line(stamp=9), W1.line(stamp=8))

    assert signers_of(note(*lines), W1) == {(W1.name, 4): 9}


def test_a_note_may_have_many_signatures_and_no_more():
    assert MAX_SIGNATURES >= 16
    assert len(Note.parse(many(MAX_SIGNATURES)).signatures) == MAX_SIGNATURES
    with pytest.raises(Malformed):
        Note.parse(many(MAX_SIGNATURES + 1))


def test_a_note_of_many_post_quantum_signatures_fits():
    data = note(LOG, *([LOG_PQ] * 31), *([W1_PQ] * 32))

    assert len(data) < MAX_NOTE
    assert len(Note.parse(data).signatures) == 64


def test_a_note_has_at_most_a_megabyte():
    room = MAX_NOTE - len(note(LOG)) - 1

    assert Note.parse(b"x" * room + b"\n" + note(LOG)).signatures
    with pytest.raises(Malformed):
        Note.parse(b"x" * room + b"x\n" + note(LOG))


ENCODED = LINE.split(" ")[2].strip()

OTHER_FORMS = {
    "without padding": ENCODED.rstrip("="),
    "padding too many": ENCODED + "=",
    "unused bits set": ENCODED[:-2] + "Z=",
    "another alphabet": ENCODED.replace("+", "-").replace("/", "_"),
    "a character of none": ENCODED[:9] + "!" + ENCODED[10:],
    "a space inside": ENCODED[:8] + " " + ENCODED[8:],
    "something after the padding": ENCODED + "AAAA",
    "full-width": ENCODED.replace("A", "Ａ"),
}


@pytest.mark.parametrize("encoded", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_base_64_has_one_form(encoded):
    assert encoded != ENCODED
    with pytest.raises(Malformed):
        Note.parse(note(f"— {ORIGIN} {encoded}\n"))


@pytest.mark.parametrize("lines", ["", "\n", LINE[:-1], LINE + "\n", "\n" + LINE, LINE + "x"], ids=repr)
def test_signature_lines_by_themselves_are_read_as_strictly(lines):
    assert len(read_signatures(LINE + W1.line())) == 2
    with pytest.raises(Malformed):
        read_signatures(lines)


@pytest.mark.parametrize("text", ["0", "1", "10", "70000", str((1 << 63) - 1)])
def test_a_number_comes_back(text):
    assert str(read_decimal(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "01",
        "+1",
        "-1",
        "1 ",
        " 1",
        "1_0",
        "1.0",
        "1e3",
        "0x1",
        "１",
        "٣",
        str(1 << 63),
        "9" * 19,
        "1" * 5000,
    ],
)
def test_a_number_has_one_form(text):
    with pytest.raises(Malformed):
        read_decimal(text)
