"""The register's signer with its key in a token of SoftHSM, beside the same signer with its key in a sealed file.

SoftHSM computes on this machine's own cores, so the figures are those of PKCS#11 and of SoftHSM, not of an HSM: a
real one has a processor of its own, and what it gives stands in its data sheet.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.comparison import Comparison, Rate, compare, rate_of
from bench.report import Report
from bench.tokens import ENVIRONMENT, NOW, make_statement, trust_of
from keys.hsm.pin import Pin, write_pin
from keys.hsm.place import HsmPlace
from keys.key_file import KeyKind
from keys.sealing import Identity
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.journal import SignerJournal
from keys.signer.pool import SigningPool
from keys.store_place import StorePlace, store_at
from signing.token import statement_to_be_signed
from tests.rigs.soft_token import MODULE, PIN, SoftToken

BATCH = 500
REPEATS = 7


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the things of one run lie."""

    folder: Path
    identity: Identity

    @property
    def identity_file(self) -> Path:
        return self.folder / "secrets" / "identity.txt"


def measure() -> Report:
    """Measure batches signed in one process and by processes of a pool, each kind of key against the other."""
    with TemporaryDirectory(prefix="certreg-bench-") as name:
        folder = Path(name)
        bench = Bench(folder, Identity.create(folder / "secrets" / "identity.txt"))
        return Report(
            "Keys in an HSM", [*_compared(bench)], notes=["SoftHSM: the token computes on the same cores."]
        )


def _compared(bench: Bench) -> Iterator[Comparison]:
    cores = len(os.sched_getaffinity(0))
    file, token = bench.folder / "store", _token_of(bench)
    pairs = (
        ("key in a token, one process", (token, 0), "key in a file, one process", (file, 0)),
        ("key in a token, pool of 1", (token, 1), "key in a token, one process", (token, 0)),
        (f"key in a token, pool of {cores}", (token, cores), "key in a token, one process", (token, 0)),
        (
            f"key in a token, pool of {cores}",
            (token, cores),
            f"key in a file, pool of {cores}",
            (file, cores),
        ),
    )
    for claim, ours, against, baseline in pairs:
        with _rate(bench, *ours) as our_rate, _rate(bench, *baseline) as their_rate:
            yield compare(
                f"{claim}, batches of {BATCH:,}", our_rate, against=against, baseline=their_rate, unit="/s",
                repeats=REPEATS,
            )  # fmt: skip


def _token_of(bench: Bench) -> HsmPlace:
    token = SoftToken.create(bench.folder / "softhsm")
    os.environ.update(token.environ)
    place = HsmPlace(MODULE, token.label, bench.folder / "secrets" / "pin.age")
    write_pin(place.pin_file, Pin(PIN), bench.identity)
    return place


@contextmanager
def _rate(bench: Bench, place: StorePlace, processes: int) -> Iterator[Rate]:
    """Give what signs one batch after the other with a key of its own; no ``processes``: in this one alone."""
    store = store_at(place)
    key = store.create(KeyKind.CERTIFICATE, bench.identity, now=NOW)
    pool = SigningPool(place, bench.identity_file, processes=processes) if processes else None
    journal = SignerJournal.create(bench.folder / "journals" / key.key_id.hex())
    trust = trust_of(key.public)
    signer = CertificateSigner.open(
        store, key.key_id, bench.identity, journal=journal, trust=trust, pool=pool
    )
    fresh = _fresh_batches(key.key_id)

    def rate() -> float:
        batch = next(fresh)
        return rate_of(lambda: signer.sign_many(batch), count=BATCH)

    yield rate
    journal.close()
    if pool is not None:
        pool.close()


def _fresh_batches(key_id: bytes) -> Iterator[Sequence[bytes]]:
    for start in count(1, BATCH):
        statements = [make_statement(serial) for serial in range(start, start + BATCH)]
        yield [statement_to_be_signed(item, key_id=key_id, environment=ENVIRONMENT) for item in statements]
