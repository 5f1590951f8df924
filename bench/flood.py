"""Two bodies at the API, one of which asks twenty times its share: how long the other's answers take then.

The flood is refused above its share (429), but every one of its requests is received, its signature verified, and
counted. Requests are signed ahead, and sent at their times by threads of this process, which take processor time from
the site.
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import quantiles
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench import sites
from bench.comparison import Comparison, of_pairs
from bench.registers import Register, open_register
from bench.report import Report
from bench.sites import Site, SiteFailed
from registry.civil_time import civil_date
from registry.client.key_files import ClientKey
from registry.client.signed_request import Request, signed_headers
from registry.operator.demo_cast import Hand
from registry.people.accounts import Purpose, enrol_key, load_actor

FOLD: Final = 20
SENDERS: Final = 4
ASKED: Final = 60
"""Requests of the other body in one turn: all turns together are within its share."""
REPEATS: Final = 3
AIM: Final = 0.5
ADDRESS: Final = "/v1/drafts"
TIMEOUT_SECONDS: Final = 60.0
FIRST_ANSWER_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Caller:
    """A body's program: it signs requests ahead, and sends each once."""

    key: ClientKey
    port: int
    environment: str

    def signed(self, register: Register) -> bytes:
        """Return one request, as it is sent."""
        host = f"127.0.0.1:{self.port}"
        asked = Request("GET", f"http://{host}{ADDRESS}")
        headers = signed_headers(asked, self.key, environment=self.environment, now=register.desk.now())
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        return f"GET {ADDRESS} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{''.join(lines)}\r\n".encode()


@dataclass(slots=True)
class Flood:
    """A body that sends requests at a pace until it is told to stop; ``statuses`` counts the answers."""

    port: int
    requests: Iterator[bytes]
    per_second: float
    statuses: Counter[int] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)

    def send(self) -> None:
        """Send what is due, in one thread of several."""
        for request in self.requests:
            if self.stop.wait(SENDERS / self.per_second):
                return
            self.statuses[exchanged(self.port, request)] += 1


def measure() -> Report:
    """Measure a body's answers alone and beside a flood."""
    with open_register("SQLite") as register:
        first, second = (enrolled(register, hand) for hand in register.cast.hands[:2])
        environ = register.desk.settings.to_environ()
        with sites.serve("registry.app:create_app()", environ) as site:
            compared, statuses, seconds = _compared(register, site, first, second)
    told = ", ".join(f"{count:,} times {status}" for status, count in sorted(statuses.items()))
    note = f"The flood was answered {told}, {sum(statuses.values()) / seconds:,.0f} requests a second."
    return Report("A flood at the API", [compared], (), (note,))


def _compared(
    register: Register, site: Site, flooding: ClientKey, asking: ClientKey
) -> tuple[Comparison, Counter[int], float]:
    settings = register.desk.settings
    environment, per_second = settings.environment, FOLD * settings.api_requests_per_minute / 60
    flooder, other = (Caller(key, site.port, environment) for key in (flooding, asking))
    pairs: list[tuple[float, float]] = []
    statuses: Counter[int] = Counter()
    seconds = 0.0
    # The server listens before its workers have started.
    exchanged(site.port, other.signed(register), timeout_seconds=FIRST_ANSWER_SECONDS)
    for _ in range(REPEATS + 1):
        alone = _answers_per_second(site.port, [other.signed(register) for _ in range(ASKED)])
        asked = [other.signed(register) for _ in range(ASKED)]
        began = time.monotonic()
        with _flood(register, flooder, per_second) as flood:
            beside = _answers_per_second(site.port, asked)
        seconds += time.monotonic() - began
        statuses += flood.statuses
        pairs.append((alone, beside))
    claim = f"95 of 100 answers, beside {FOLD} times another's share"
    compared = of_pairs(claim, pairs[1:], against="alone", unit="/s at p95", aim=AIM)
    return compared, statuses, seconds


@contextmanager
def _flood(register: Register, flooder: Caller, per_second: float) -> Iterator[Flood]:
    """Let a body flood the site from before the block begins until it ends."""
    # Ten seconds of it are signed ahead; whoever comes to their end has been beside it long enough.
    requests = [flooder.signed(register) for _ in range(int(10 * per_second))]
    flood = Flood(flooder.port, _shared(requests), per_second)
    threads = [threading.Thread(target=flood.send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1)
        yield flood
    finally:
        flood.stop.set()
        for thread in threads:
            thread.join()


def _shared(requests: Sequence[bytes]) -> Iterator[bytes]:
    # An iterator of a list gives each item to one thread; a generator would refuse two at once.
    return iter(requests)


def _answers_per_second(port: int, requests: Sequence[bytes]) -> float:
    """Send requests one after the other; return the rate that the time of 95 of 100 of them means."""
    took = []
    for request in requests:
        began = time.perf_counter()
        status = exchanged(port, request)
        took.append(time.perf_counter() - began)
        if status != 200:
            raise SiteFailed(f"the body that asks within its share is answered {status}")
    return 1 / quantiles(took, n=20)[-1]


def exchanged(port: int, request: bytes, *, timeout_seconds: float = TIMEOUT_SECONDS) -> int:
    """Send a request on a connection of its own; return the answer's status."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds) as connection:
        connection.sendall(request)
        answer = b""
        while received := connection.recv(65536):
            answer += received
    return int(answer.split(b" ", 2)[1])


def enrolled(register: Register, hand: Hand) -> ClientKey:
    """Give a body of the cast an access key."""
    key, now = ClientKey(Ed25519PrivateKey.generate()), register.desk.now()
    today = civil_date(now)
    register.sessions.run(
        lambda session: enrol_key(
            session,
            load_actor(session, hand.office.account),
            key.public,
            Purpose.ACCESS,
            valid_from_on=today,
            valid_to_on=today + timedelta(days=30),
            now=now,
        )
    )
    return key
