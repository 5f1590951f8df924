"""Bodies that ask something of their certificates."""

from registry.directory.profiles import load_profiles
from registry.people.representative import Representative
from registry.request.asking import ask
from registry.request.kinds import RequestKind
from tests.instants import NOON
from tests.registry.world import BODY, World

REASON = "考核站点填写有误"


def representative(world: World, issuer: str = BODY) -> Representative:
    """Return who hands in for a body, as its system acts."""
    holder = world.bodies[issuer]
    return Representative(holder.actor, issuer, holder.key.key_id)


def asked(
    world: World,
    number: str,
    kind: RequestKind = RequestKind.REVOKE,
    *,
    issuer: str = BODY,
    reason=REASON,
    request_id=None,
):
    """Ask for an act on a certificate; return the request."""
    by, profiles = representative(world, issuer), load_profiles()
    return ask(world.sessions, by, profiles, number, kind, reason, now=NOON, request_id=request_id)
