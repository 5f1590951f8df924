"""``/v1/keys``: a body's administrator lists, registers and revokes the keys of his body.

Signed with his administration key; any other key is refused. To rotate a key: register the new one, let the programs
change over, revoke the old one.
"""

import re
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from registry.api import base64url
from registry.api.caller import current_body
from registry.api.description import IDEMPOTENCY, refusals
from registry.api.door import guard
from registry.api.idempotent import idempotent
from registry.api.installed import installation, now
from registry.api.own_queries import QUERY, NothingQuery
from registry.api.strict_json import StrictBlueprint
from registry.people.accounts import Purpose
from registry.people.body_keys import (
    REGISTERED,
    BodyKey,
    NewKey,
    keys_of_body,
    register_key,
    revoke_body_key,
)
from registry.people.errors import NoSuchKey
from registry.people.possession import Possession

KEY_ID = re.compile(r"[0-9a-f]{8}")

keys = StrictBlueprint("keys", "keys", url_prefix="/v1/keys", description="机构密钥管理（仅限管理密钥）")
guard(keys, Purpose.ADMINISTRATION)


class Base64Url(fields.Field[bytes]):
    """So many bytes, as base64url without padding."""

    def __init__(self, size: int, **more: Any) -> None:
        super().__init__(**more)
        self.size = size
        self.metadata = {
            **self.metadata,
            "type": "string",
            "minLength": size * 4 // 3,
            "description": f"{size} bytes, base64url",
        }

    def _serialize(self, value: bytes | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else base64url.encode(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            found = base64url.decode(str(value))
        except ValueError:
            raise self._misfit() from None
        if not isinstance(value, str) or len(found) != self.size:
            raise self._misfit()
        return found

    def _misfit(self) -> Exception:
        return ValidationError(f"write {self.size} bytes as base64url")


class NewKeySchema(Schema):
    """A key that is to be registered."""

    class Meta:
        """Nothing but these."""

        unknown = RAISE

    public_key = Base64Url(32, required=True)
    purpose = fields.String(required=True, validate=validate.OneOf(sorted(REGISTERED)))
    valid_from_on = fields.Date(required=True)
    valid_to_on = fields.Date(required=True)
    account_id = fields.UUID(allow_none=True, load_default=None)
    nonce = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_.~-]{16,64}\Z"))
    proof = Base64Url(64, required=True)


class KeySchema(Schema):
    """A key of the body."""

    key_id = fields.Function(lambda key: key.key_id.hex(), required=True, metadata={"type": "string"})
    public_key = Base64Url(32, attribute="public", required=True)
    purpose = fields.String(required=True)
    account_id = fields.UUID(required=True)
    account = fields.String(required=True)
    valid_from_on = fields.Date(required=True)
    valid_to_on = fields.Date(required=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)


class KeysSchema(Schema):
    """The keys of the body."""

    keys = fields.List(fields.Nested(KeySchema), required=True)


class RevocationSchema(Schema):
    """How a key is revoked."""

    class Meta:
        """Nothing but this."""

        unknown = RAISE

    confirm_last = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


@keys.route("")
class Keys(MethodView):
    """The keys of the caller's body."""

    @keys.arguments(NothingQuery, **QUERY)
    @keys.response(HTTPStatus.OK, KeysSchema, description="The keys of the body, revoked ones too.")
    @refusals(keys)
    def get(self, _query: dict[str, Any]) -> dict[str, list[BodyKey]]:
        """List the keys of the body."""
        caller = current_body()
        found = installation().sessions.read(
            lambda session: keys_of_body(session, caller.actor, caller.issuer)
        )
        return {"keys": found}

    @idempotent
    @keys.doc(**IDEMPOTENCY)
    @keys.arguments(NothingQuery, **QUERY)
    @keys.arguments(NewKeySchema)
    @keys.response(HTTPStatus.CREATED, KeySchema, description="The key counts from its first day on.")
    @keys.alt_response(HTTPStatus.OK, schema=KeySchema, description="The same was registered before.")
    @refusals(keys)
    def post(self, _query: dict[str, Any], given: dict[str, Any]) -> tuple[BodyKey, HTTPStatus]:
        """Register a key. Its holder shows that he has it: ``proof`` is its signature over the possession text."""
        caller, register = current_body(), installation()
        new = _new_key(given)
        possession = Possession(
            register.settings.environment, caller.key_id, given["nonce"], new.purpose, new.public
        )
        possession.require(given["proof"])
        at = now()
        registered = register.sessions.run(
            lambda session: register_key(session, caller.actor, caller.issuer, new, now=at), idempotent=True
        )
        return registered.key, HTTPStatus.OK if registered.repeated else HTTPStatus.CREATED


@keys.route("/<key_id>")
class Key(MethodView):
    """One key of the caller's body."""

    @keys.arguments(RevocationSchema, location="query")
    @keys.alt_response(HTTPStatus.NO_CONTENT, description="The key is revoked, for ever.")
    @refusals(keys)
    def delete(self, given: dict[str, bool], key_id: str) -> Response:
        """Revoke a key, at once and for ever. The last administration key needs ``confirm_last=true``."""
        if not KEY_ID.fullmatch(key_id):
            raise NoSuchKey("of this name")
        caller, at = current_body(), now()
        installation().sessions.run(
            lambda session: revoke_body_key(
                session,
                caller.actor,
                caller.issuer,
                bytes.fromhex(key_id),
                confirm_last=given["confirm_last"],
                now=at,
            ),
            idempotent=True,
        )
        return Response(status=HTTPStatus.NO_CONTENT)


def _new_key(given: dict[str, Any]) -> NewKey:
    first: date = given["valid_from_on"]
    last: date = given["valid_to_on"]
    account: UUID | None = given["account_id"]
    return NewKey(
        public=given["public_key"],
        purpose=Purpose(given["purpose"]),
        valid_from_on=first,
        valid_to_on=last,
        account_id=account,
    )
