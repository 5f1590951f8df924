"""A request too long for the way to the signer is asked for in parts; one entry too long keeps no other waiting."""

from keys.errors import RequestTooLong
from registry.certificate.signature import sign_numbered
from registry.directory.profiles import load_profiles
from tests.instants import NOON
from tests.registry.world import ENVIRONMENT


class Narrow:
    """A signer behind a way that holds so many items at once, and none of some entries."""

    def __init__(self, signer, *, most, never=()):
        self.key_id = signer.key_id
        self._signer, self._most, self._never = signer, most, never
        self.sizes = []

    def sign_many(self, request):
        if len(request.items) > self._most or any(item.to_be_signed in self._never for item in request.items):
            raise RequestTooLong(len(request.items), self._most)
        self.sizes.append(len(request.items))
        return self._signer.sign_many(request)


def narrow(world, **limits):
    return {key_id: Narrow(signer, **limits) for key_id, signer in world.signers.items()}


def test_it_is_asked_for_in_halves(world):
    world.numbered(*world.rows(7))
    signers = narrow(world, most=2)

    assert world.sign(signers) == 7

    (signer,) = signers.values()
    assert max(signer.sizes) == 2
    assert world.release() == 7


def test_an_entry_that_is_too_long_by_itself_is_held_back_alone(world):
    world.numbered(*world.rows(5))
    signers = narrow(world, most=9, never=[world.entry(3).to_be_signed])
    held_back = {}

    signed = sign_numbered(
        world.sessions,
        world.registrar,
        signers,
        load_profiles(),
        environment=ENVIRONMENT,
        now=NOON,
        held_back=held_back,
    )

    assert signed == 4
    assert {entry: type(why) for entry, why in held_back.items()} == {3: RequestTooLong}
