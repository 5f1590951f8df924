"""The API tried by Schemathesis, every request signed as it is finally sent.

``python -m tests.registry.api.fuzz --minutes 30`` goes on for so long, from another seed each time unless one is
given, and prints what it found; the test of the same name tries a bounded, repeatable part of it.
"""

import argparse
import io
import itertools
import json
import secrets
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from registry.api.failures import Failures
from registry.api.problem_list import PROBLEMS
from registry.app import create_app
from registry.database import migrate
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from tests.instants import NOON
from tests.registry.api.lively import Lively, chief_of, quick_id_checks
from tests.registry.api.own_site import trust_the_world
from tests.registry.signed_requests import signed_headers
from tests.registry.staff_site import access_key, installation_of, signature_over
from tests.registry.world import BODY, ENVIRONMENT, World, private_key

SIGN = "Sign"
"""What stands in ``Authorization`` where the request is to be signed; nothing else is."""
SECOND = timedelta(seconds=1)
UNLIMITED = 10**9


class Clock:
    """A second for every request, so that no minute holds many of them."""

    def __init__(self) -> None:
        self.now = NOON

    def tick(self) -> None:
        self.now += SECOND


class SigningClient:
    """A WSGI application before the application: it signs what comes through it, with all that is in it."""

    def __init__(self, app: Any, world: World, clock: Clock) -> None:
        self._app, self._world, self._clock = app, world, clock
        self._chief = private_key(chief_of(world))
        self.answers: Counter[tuple[str, str]] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self._clock.tick()
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(content)
        if environ["QUERY_STRING"] and "?" not in environ["RAW_URI"]:
            environ["RAW_URI"] += f"?{environ['QUERY_STRING']}"
        if environ.pop("HTTP_AUTHORIZATION", None) == SIGN:
            self._sign(environ, content)

        def answered(status: str, headers: Any, *more: Any) -> Any:
            self.answers[environ["REQUEST_METHOD"], status[:3]] += 1
            return start_response(status, headers, *more)

        return self._app(environ, answered)

    def _sign(self, environ: dict[str, Any], content: bytes) -> None:
        headers = {
            name[5:].lower().replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        if headers.get("submission-signature"):
            headers["submission-signature"] = self._submission(content, headers.get("content-type", ""))
        url = f"http://{environ['HTTP_HOST']}{environ['RAW_URI']}"
        signed = signed_headers(
            environ["REQUEST_METHOD"],
            url,
            content,
            self._key(environ["RAW_URI"]),
            environment=ENVIRONMENT,
            now=self._clock.now,
            headers=headers,
        )
        for name in ("signature", "signature-input", "content-digest", "submission-signature"):
            if name in signed:
                environ[f"HTTP_{name.upper().replace('-', '_')}"] = signed[name]

    def _submission(self, content: bytes, media_type: str) -> str:
        return signature_over(
            content, self._world.bodies[BODY].key, media_type=media_type.partition(";")[0] or "none"
        )

    def _key(self, target: str) -> Ed25519PrivateKey:
        return self._chief if target.startswith("/v1/keys") else access_key(BODY)


@dataclass(frozen=True)
class Found:
    """What is wrong, and the request that shows it."""

    operation: str
    failure: Failure
    request: str
    answer: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.failure.title}\n{self.failure.message}\n  {self.request}\n  {self.answer}"


def site(world: World, folder: Path) -> tuple[SigningClient, Lively]:
    """Return the application of a world full of things, behind what signs for its body."""
    clock, installation = Clock(), installation_of(world, folder, world.personal)
    object.__setattr__(installation.settings, "api_requests_per_minute", UNLIMITED)
    app = create_app(installation, now=lambda: clock.now)
    app.extensions["certreg_failures"] = Failures(UNLIMITED)
    trust_the_world(app, world)
    lively = Lively(world, app, folder)
    return SigningClient(app, world, clock), lively


def configuration(*, seed: int, examples: int, minutes: float | None = None) -> SchemathesisConfig:
    """Return how it is tried: repeatable where there is no time."""
    generation: dict[str, Any] = {"no-shrink": True, "database": "none", "max-examples": examples}
    if minutes is None:
        generation["deterministic"] = True
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "generation": generation,
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            **({} if minutes is None else {"max-time": int(minutes * 60)}),
            "continue-on-failure": True,
        }
    )


# What is well formed may still be wrong in itself (422), come too late (409), or name what there is not (404); a
# cursor is text to its reader (400), and a workbook that is none is one of a wrong kind (415).
ACCEPTED = ["2xx", "400", "401", "403", "404", "409", "413", "415", "422", "503"]


class Always:
    """Signs every request; what it sets is taken away again by the check that looks for ignored signatures."""

    def get(self, case: Any, context: Any) -> str:
        return SIGN

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = data


def require_problem_documents(context: Any, response: Any, case: Any) -> None:
    """Let every refusal be a problem document whose code is on the list, and nothing be kept by caches."""
    assert response.headers["cache-control"] == ["no-store"], "an answer may be kept"
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.headers["content-type"]
    document = response.json()
    assert document["status"] == response.status_code
    assert document["code"] in PROBLEMS, document
    assert document["title"]
    assert document["detail"]


class Naming:
    """Gives half of the well-formed requests names of things that are there, and contents that are right."""

    def __init__(self, lively: Lively) -> None:
        self._lively = lively
        self._turns = itertools.count()

    def map_case(self, context: Any, case: Any) -> Any:
        meta = case.meta
        if meta is None or not meta.generation.mode.is_positive:
            return case
        turn = zlib.crc32(repr((case.path_parameters, case.query)).encode())
        if case.path_parameters and turn % 2:
            for name in case.path_parameters:
                if name in self._lively.names and "parts" not in case.operation.path:
                    case.path_parameters[name] = self._lively.names[name]
        if turn % 3 and isinstance(case.body, dict) and "rows" in case.body and "remove" not in case.body:
            case.body = json.loads(self._lively.world.file())
        return case


def tried(client: SigningClient, lively: Lively, config: SchemathesisConfig) -> Iterator[Found]:
    """Try the API as it describes itself; yield what is wrong."""
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", client, config=config)
    schema.auth()(Always)
    naming = Naming(lively)

    @schema.hook
    def map_case(context: Any, case: Any) -> Any:
        return naming.map_case(context, case)

    @schema.hook
    def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:
        return not (isinstance(failure, AcceptedNegativeData) and _is_only_kept(case))

    with patch.object(WSGITransport, "send", _send_in_process):
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                yield from _found(event.recorder)
            elif isinstance(event, events.NonFatalError):
                raise RuntimeError(f"{event.label}: {event.info.format()}") from event.value
            elif isinstance(event, events.FatalError):
                raise event.exception


def _is_only_kept(case: Any) -> bool:
    """Tell whether what is wrong is in a file of a draft alone: it is stored as it came, and a worker looks at it."""
    operation = case.operation.definition.raw.get("operationId")
    wrong = {place for place, part in case.meta.components.items() if part.mode.is_negative}
    return operation in KEPT_AS_IT_CAME and wrong == {ParameterLocation.BODY}


KEPT_AS_IT_CAME: Final = frozenset({"openDraft", "replaceResults", "addCorrections", "putPhotoPart"})

_send: Final = WSGITransport.send
# What a socket needs; the library forgets to leave it out where it asks again without a signature.
OF_SOCKETS: Final = frozenset({"max_redirects", "verify", "cert", "proxies"})


def _send_in_process(self: WSGITransport, case: Any, *, session: Any = None, **settings: Any) -> Any:
    kept = {name: value for name, value in settings.items() if name not in OF_SOCKETS}
    return _send(self, case, session=session, **kept)


def _found(recorder: Any) -> Iterator[Found]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            interaction = recorder.interactions.get(case_id)
            sent, answer = (
                (None, None) if interaction is None else (interaction.request, interaction.response)
            )
            yield Found(
                recorder.label,
                check.failure_info.failure,
                "" if sent is None else f"{sent.method} {sent.uri} {sent.headers} {sent.body!r:.800}",
                "" if answer is None else f"{answer.status_code} {answer.headers} {answer.content!r:.600}",
            )


schemathesis.check(require_problem_documents)


def main(arguments: list[str]) -> int:
    """Try the API for a while; return how much was found, 1 at the most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}")
    with tempfile.TemporaryDirectory() as name, quick_id_checks():
        folder, address = Path(name), f"sqlite:///{name}/register.sqlite3"
        migrate.upgrade(address)
        engine = open_engine(address)
        client, lively = site(World(Sessions(engine), folder), folder)
        config = configuration(seed=chosen.seed, examples=chosen.examples, minutes=chosen.minutes)
        seen = {}
        for found in tried(client, lively, config):
            if seen.setdefault((found.operation, found.failure.title), found) is found:
                print(found, end="\n\n", flush=True)
        engine.dispose()
    print(f"{client.answers.total()} requests, {len(seen)} kinds of faults; {dict(client.answers)}")
    return min(1, len(seen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
