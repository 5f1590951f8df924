"""Who may work on a draft, and the one way to it: another body's draft looks like one that is not there."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.directory.errors import UnknownBody
from registry.directory.tables import BodyRow
from registry.draft.errors import NoSuchDraft
from registry.draft.tables import Draft
from registry.people.permission import Act, require
from registry.people.representative import Representative


def own_draft(session: Session, author: Representative, draft_id: UUID, *, lock: bool = False) -> Draft:
    """Return a draft of the author's body; ``lock`` it if it is to be changed.

    Raises ``NoSuchDraft``, or ``NotPermitted`` before anything is looked at.
    """
    require_author(author)
    query = select(Draft).where(Draft.id == draft_id, Draft.issuer == author.issuer)
    draft = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if draft is None:
        raise NoSuchDraft
    return draft


def require_author(author: Representative) -> None:
    """Return if the account may work on drafts of the body, else raise ``NotPermitted``."""
    require(author.actor, Act.USE_API, scope=author.issuer)


def wait_for_turn(session: Session, issuer: str) -> None:
    """Hold the body's own lock until the transaction ends: what is counted over all its drafts is counted by one.

    Raises ``UnknownBody``.
    """
    query = select(BodyRow.id).where(BodyRow.issuer == issuer).with_for_update()
    if session.scalar(query) is None:
        raise UnknownBody(issuer)
