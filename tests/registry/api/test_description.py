"""What the API says of itself is true, whole, and needs nothing from elsewhere."""

import json
import re
from http import HTTPStatus

import pytest

from registry.api.description import REFUSALS
from registry.api.problem_list import PROBLEMS
from registry.api.problems import CODE_OF_STATUS, MEDIA_TYPE, STATUS_OF
from registry.assessment.content import HEADER_COLUMNS, Column
from registry.assessment.reading import MEDIA_TYPES
from registry.assessment.statistics import COUNTS

# Schemas and namespaces that a page may name without fetching anything.
OUTSIDE = re.compile(rb"(?:src|href|url)\s*[=:(]\s*[\"']?(?:https?:)?//", re.IGNORECASE)


@pytest.fixture
def document(body):
    answer = body.http.get("/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json


def references(value) -> set[str]:
    """Return every $ref in a document."""
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(item) for item in value.values()))
    return set().union(*(references(item) for item in value)) if isinstance(value, list) else set()


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(document):
    assert document["openapi"].startswith("3.1.")
    assert all(document["info"][member] for member in ("title", "version", "description"))
    for reference in references(document):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


def test_every_schema_that_is_described_is_used(document):
    used = {reference.rpartition("/")[2] for reference in references(document)}

    assert set(document["components"]["schemas"]) == used


def test_every_status_of_a_refusal_is_described_as_a_problem(document):
    responses = document["paths"]["/v1/submissions"]["post"]["responses"]

    assert {str(status.value) for status in STATUS_OF.values()} <= set(responses)
    assert set(responses) == {"200", "201"} | {str(status.value) for status in REFUSALS}
    for status in REFUSALS:
        assert set(responses[str(status.value)]["content"]) == {MEDIA_TYPE}
        assert responses[str(status.value)]["description"]
    for status in (HTTPStatus.OK, HTTPStatus.CREATED):
        assert set(responses[str(status.value)]["content"]) == {"application/json"}


def test_the_form_is_described_column_by_column(document):
    content = document["paths"]["/v1/submissions"]["post"]["requestBody"]["content"]
    form = content["application/json"]["schema"]
    row = form["properties"]["rows"]["items"]

    assert set(content) == set(MEDIA_TYPES)
    assert {*form["properties"], *row["properties"]} == {
        *("format", "rows", "statistics", "draft", "replaces"),
        *map(str, Column),
    }


def test_the_form_says_what_each_column_takes(document):
    content = document["paths"]["/v1/submissions"]["post"]["requestBody"]["content"]
    form = content["application/json"]["schema"]
    row = form["properties"]["rows"]["items"]

    assert row["properties"]["commitment"]["type"] == "boolean"
    assert "commitment" in row["required"]
    assert row["properties"]["training_hours"]["type"] == ["integer", "null"]
    for column in ("theory", "practice"):
        pattern = re.compile(row["properties"][column]["pattern"])
        assert all(pattern.search(text) for text in ("absent", "0", "86.5", "100"))
        assert not any(pattern.search(text) for text in ("缺考", "060", "86.55", "absent "))
    assert set(form["required"]) == {"format", "rows", *HEADER_COLUMNS} - {"late_reason"}
    assert set(form["properties"]["statistics"]["required"]) == set(COUNTS)


def test_a_good_file_has_the_form_that_is_described(document, young_world):
    form = document["paths"]["/v1/submissions"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    sample = json.loads(young_world.file())
    row = form["properties"]["rows"]["items"]

    assert set(form["required"]) <= set(sample) <= set(form["properties"])
    for given in sample["rows"]:
        assert set(row["required"]) <= set(given) <= set(row["properties"])


def test_the_signature_is_a_required_header(document):
    parameters = document["paths"]["/v1/submissions"]["post"]["parameters"]

    assert [(given["name"], given["in"], given["required"]) for given in parameters] == [
        ("Submission-Signature", "header", True),
        ("Idempotency-Key", "header", False),
    ]


def test_the_docs_page_and_all_it_loads_come_from_here(body):
    page = body.http.get("/v1/docs/")

    assert page.status_code == 200
    assert not OUTSIDE.search(page.data)
    loaded = re.findall(rb"(?:src|href)=\"([^\"]+)\"", page.data)
    assert len(loaded) >= 4
    for address in loaded:
        assert address.startswith(b"/v1/docs/"), address
        with body.http.get(address.decode()) as part:
            assert part.status_code == 200


def test_the_docs_page_lets_the_browser_fetch_nothing_from_elsewhere(body):
    policy = body.http.get("/v1/docs/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "http" not in policy


def test_every_address_needs_a_signature_that_is_described(document):
    assert document["security"] == [{"signature": []}]
    scheme = document["components"]["securitySchemes"]["signature"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "signature")
    for word in ("@method", "@authority", "@path", "@query", "content-digest", "nonce", "certreg-api/"):
        assert word in scheme["description"]
    assert not any("security" in method for path in document["paths"].values() for method in path.values())


def test_the_codes_of_problems_are_described_and_stay_what_they_are(document):
    described = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]

    assert sorted(PROBLEMS) == described
    # Programs rely on these: whoever changes one changes the API.
    assert set(described) >= {
        "signature_missing", "signature_malformed", "two_signatures", "unknown_key", "key_expired", "key_revoked",
        "wrong_purpose", "wrong_tag", "component_missing", "digest_mismatch", "signature_invalid", "too_old",
        "from_the_future", "expired", "replayed", "not_there", "not_permitted", "too_many_requests",
        "idempotency_conflict", "idempotency_in_progress", "submission_refused", "submission_not_signed",
        "signed_by_another_body", "register_busy", "register_outdated", "internal_error",
    }  # fmt: skip


def test_every_problem_is_on_the_page_that_its_type_leads_to(body):
    page = body.http.get("/v1/docs/problems")

    assert page.status_code == 200
    assert not OUTSIDE.search(page.data)
    for code, listed in PROBLEMS.items():
        assert f'id="{code}"' in page.text
        assert listed.title in page.text
    assert set(CODE_OF_STATUS.values()) <= set(PROBLEMS)
