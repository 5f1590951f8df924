"""``/v1/certificates``: a body's certificates by number, their files, and what is asked of them."""

from http import HTTPStatus
from typing import Any

from flask import Response

from registry.api import installed
from registry.api.caller import current_body
from registry.api.description import IDEMPOTENCY, refusals
from registry.api.door import guard
from registry.api.idempotent import idempotent, resource_id
from registry.api.installed import representative
from registry.api.own_queries import QUERY, NothingQuery, RequestInput
from registry.api.own_schemas import RequestSchema, VersionsSchema
from registry.api.strict_json import StrictBlueprint
from registry.holder.files import QrFiles, files_of_entry, names_of, qr_files
from registry.holder.own_certificates import OwnToken, certificate_of_body, token_of_body, verified
from registry.request.asking import ask
from registry.request.reading import RequestView, view_of
from signing.trust import TrustKeys

BINARY = {"type": "string", "format": "binary"}
CBOR, PNG, SVG, PDF = "application/cbor", "image/png", "image/svg+xml", "application/pdf"

# What a request that was made leads to.
LINKS: dict[str, Any] = {
    "responses": {
        HTTPStatus.CREATED: {
            "links": {
                "request": {
                    "operationId": "getRequest",
                    "parameters": {"request_id": "$response.body#/id"},
                }
            }
        }
    }
}

own_certificates = StrictBlueprint(
    "own_certificates", "own_certificates", url_prefix="/v1/certificates", description="本机构的证书"
)
guard(own_certificates)


@own_certificates.get("/<string:number>")
@own_certificates.doc(operationId="getCertificate")
@own_certificates.arguments(NothingQuery, **QUERY)
@own_certificates.response(HTTPStatus.OK, VersionsSchema)
@refusals(own_certificates)
def certificate(_query: dict[str, Any], number: str) -> dict[str, Any]:
    """Show a certificate with all its versions, the newest first."""
    installation, issuer = installed.installation(), current_body().issuer
    versions = installation.sessions.read(
        lambda session: certificate_of_body(session, issuer, installation.profiles, number)
    )
    return {"number": number, "versions": versions}


@own_certificates.get("/<string:number>/token")
@own_certificates.doc(operationId="getToken")
@own_certificates.arguments(NothingQuery, **QUERY)
@own_certificates.response(HTTPStatus.OK, BINARY, content_type=CBOR)
@refusals(own_certificates)
def token(_query: dict[str, Any], number: str) -> Response:
    """Send the token of a certificate in force."""
    return Response(_token(number, installed.trust()).token, mimetype=CBOR)


@own_certificates.get("/<string:number>/qr.png")
@own_certificates.doc(operationId="getQrPng")
@own_certificates.arguments(NothingQuery, **QUERY)
@own_certificates.response(HTTPStatus.OK, BINARY, content_type=PNG)
@refusals(own_certificates)
def qr_png(_query: dict[str, Any], number: str) -> Response:
    """Send the QR of a certificate in force for print, 300 dpi."""
    return Response(_qr(number).png, mimetype=PNG)


@own_certificates.get("/<string:number>/qr.svg")
@own_certificates.doc(operationId="getQrSvg")
@own_certificates.arguments(NothingQuery, **QUERY)
@own_certificates.response(HTTPStatus.OK, {"type": "string"}, content_type=SVG)
@refusals(own_certificates)
def qr_svg(_query: dict[str, Any], number: str) -> Response:
    """Send the QR of a certificate in force as a drawing."""
    return Response(_qr(number).svg, mimetype=SVG)


@own_certificates.get("/<string:number>/certificate.pdf")
@own_certificates.doc(operationId="getPdf")
@own_certificates.arguments(NothingQuery, **QUERY)
@own_certificates.response(HTTPStatus.OK, BINARY, content_type=PDF)
@refusals(own_certificates)
def pdf(_query: dict[str, Any], number: str) -> Response:
    """Send the PDF of a certificate in force, made from its token."""
    trust, installation = installed.trust(), installed.installation()
    held = _token(number, trust)
    # Of the token in hand: it may be revoked by now, as it may be a moment after it was sent.
    made = files_of_entry(installation, names_of(installation), trust, held)
    return Response(made.pdf, mimetype=PDF)


@own_certificates.post("/<string:number>/requests")
@idempotent
@own_certificates.doc(operationId="askRequest", **IDEMPOTENCY, **LINKS)
@own_certificates.arguments(NothingQuery, **QUERY)
@own_certificates.arguments(RequestInput)
@own_certificates.response(HTTPStatus.CREATED, RequestSchema)
@refusals(own_certificates)
def request(_query: dict[str, Any], said: dict[str, Any], number: str) -> RequestView:
    """Ask a registrar to revoke, suspend, reinstate or correct a certificate.

    An error in name, ID number, occupation or direction needs no request: hand in a row with `corrects`. The kind
    `correct` is for errors in what the number says (site, level, year): the certificate is revoked and issued anew.
    Name no person in the reason.
    """
    installation = installed.installation()
    asked = ask(
        installation.sessions,
        representative(),
        installation.profiles,
        number,
        said["kind"],
        said["reason"],
        now=installed.now(),
        request_id=resource_id(),
    )
    return view_of(asked)


def _token(number: str, trust: TrustKeys) -> OwnToken:
    """Return the token of the caller's certificate, verified."""
    installation, issuer = installed.installation(), current_body().issuer
    found = installation.sessions.read(
        lambda session: token_of_body(session, issuer, installation.profiles, number)
    )
    verified(found, trust)
    return found


def _qr(number: str) -> QrFiles:
    return qr_files(installed.installation().settings.qr_prefix, _token(number, installed.trust()).token)
