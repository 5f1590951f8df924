"""Nobody learns from the public log whose certificates they are: no name and no number of the tests, hashed, is in it.

What a scraper would try: names and ID numbers as they are, in the usual hashes, alone and together; the statement,
which is all that is in a token but its signature; the bytes that are signed; the ID check before it is cut to 12 bits.
"""

import hashlib
from collections.abc import Iterator
from itertools import product

import pytest

from bench.filling import GIVEN, SURNAMES, person
from registry.operator.demo_candidates import DemoBody, mended
from signing.cose import Kind, to_be_signed
from signing.id_check import ITERATIONS, IdType, canonical
from signing.log.leaf import Issue, read_leaf
from tests.log_world import Register, write_log
from tests.registry.assessment import test_holder_name, test_identity
from tests.vectors import world
from tests.vectors.world import NOW

PEOPLE = [(row.name, row.id_number) for body in DemoBody for row in mended(body)]
NAMES = sorted(
    {name for name, _ in PEOPLE}
    | set(test_holder_name.ACCEPTED)
    | {"".join(parts) for parts in product(SURNAMES, GIVEN, GIVEN)}
)
NUMBERS = sorted(
    {number for _, number in PEOPLE}
    | {given for _, given, _ in test_identity.ACCEPTED}
    | {person(serial).id_number for serial in range(20_000)}
)
HASHES = (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.sha512)
WINDOW = 8
"""Bytes of a guess that are looked for: a digest that was cut to half or a quarter is found too."""
SHORT = 6
"""Bytes of the shortest text that is looked for as it is: two characters. A shorter one is there by chance."""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """The log of certificates of all the demo's candidates, as files; with its leaves, and what each one certifies."""
    folder, register = tmp_path_factory.mktemp("log"), Register()
    series = register.open()
    for name, _ in PEOPLE:
        register.issue(series, name=name)
    write_log(folder, register.leaves, at=NOW)
    return folder, register


def guesses(register: Register) -> Iterator[bytes]:
    """Yield everything that is looked for."""
    together = [
        text for name, number in PEOPLE for text in (f"{name}{number}", f"{number}{name}", f"{name}:{number}")
    ]
    texts = [text.encode() for text in (*NAMES, *NUMBERS, *together)]
    yield from (text for text in texts if len(text) >= SHORT)
    for text in texts:
        for algorithm in HASHES:
            digest = algorithm(text).digest()
            yield digest
            yield digest.hex().encode()
    for name, _ in PEOPLE:
        for entry in (1, 2, 3, len(PEOPLE)):
            number, _ = register.numbers[entry]
            statement = world.statement(entry, number=world.DTE.pack(number), holder_name=name).to_bytes()
            signed = to_be_signed(
                key_id=world.ISSUING.key_id, payload=statement, environment=world.ENV, kind=Kind.CERTIFICATE
            )
            yield from (hashlib.sha256(part).digest() for part in (statement, signed))
    for _, number in PEOPLE[:20]:
        content = f"{IdType.RESIDENT_ID}:{canonical(number)}".encode()
        yield hashlib.pbkdf2_hmac("sha256", content, world.SALT, ITERATIONS, dklen=32)


def hits(files: list[bytes], looked_for: Iterator[bytes]) -> list[bytes]:
    """Return the guesses whose first bytes stand anywhere in the files."""
    windows = {
        data[at : at + size]
        for size in (SHORT, WINDOW)
        for data in files
        for at in range(len(data) - size + 1)
    }
    return [guess for guess in looked_for if guess[: WINDOW if len(guess) >= WINDOW else SHORT] in windows]


def content_of(folder):
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def test_no_name_and_no_id_number_is_in_any_file_of_the_log(log):
    folder, register = log
    tried = list(guesses(register))

    assert len(tried) > 300_000
    assert hits(content_of(folder), iter(tried)) == []


@pytest.mark.parametrize(
    "planted", ["name", "digest of the name", "half a digest of the ID number", "statement"]
)
def test_the_same_search_finds_what_is_planted(log, planted):
    folder, register = log
    name, number = PEOPLE[7]
    statement = world.statement(3, number=world.DTE.pack(register.numbers[3][0]), holder_name=name).to_bytes()
    secret = {
        "name": name.encode(),
        "digest of the name": hashlib.sha256(name.encode()).digest(),
        "half a digest of the ID number": hashlib.sha256(number.encode()).digest()[:16],
        "statement": hashlib.sha256(statement).digest(),
    }[planted]
    files = [*content_of(folder), register.leaves[3][:9] + secret + register.leaves[3][9:]]

    assert len(hits(files, guesses(register))) == 1


def test_whoever_holds_the_token_finds_its_leaf(log):
    _, register = log

    leaf = read_leaf(register.leaves[3])

    assert isinstance(leaf, Issue)
    assert leaf.digest == hashlib.sha256(register.tokens[3]).digest()


def test_two_tokens_of_one_statement_have_nothing_in_common_in_the_log(log):
    """A certificate is found by its token alone, because the signature in it can not be foretold."""
    _, register = log
    number, _ = register.numbers[3]
    statement = world.statement(3, number=world.DTE.pack(number), holder_name=PEOPLE[2][0])

    by_another_key = world.token(statement, world.RETIRED)

    assert world.token(statement) == register.tokens[3]
    assert hashlib.sha256(by_another_key).digest() != hashlib.sha256(register.tokens[3]).digest()
