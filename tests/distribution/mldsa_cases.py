"""Every way in which a root that names ML-DSA-44 keys can go right or wrong: one table for all clients.

``reason`` and ``about`` are what a client with ML-DSA-44 says of the distribution; one without says nothing, and goes
by Ed25519 alone, except where ``all_refuse``: what is not well formed is so for everybody.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from securesystemslib.formats import encode_canonical

from signing.root_mldsa import METADATA_MEMBER
from tests.distribution.cases import Case, Visit
from tests.distribution.repository import Repository, mldsa_keys, root_keys, tuf_key
from tests.vectors.world import MldsaSeedKey, SeedKey

FIRST, SECOND, THIRD = (mldsa_keys(generation) for generation in (1, 2, 3))
ATTACKER = [MldsaSeedKey(f"attacker {place}") for place in range(3)]
LATER = root_keys(2)
NOT_MET = "threshold_not_met"

Act = Callable[[Repository], None]


@dataclass(frozen=True)
class MldsaCase:
    """What is done to a distribution whose first root names keys, and what a client with ML-DSA-44 says."""

    act: Act
    reason: str | None = None
    about: str = "tuf/2.root.json"
    named_at_first: bool = True
    all_refuse: bool = False

    def distribution(self, now: datetime) -> Case:
        """Return the pinned root, and one visit."""
        made = Repository(now, mldsa=list(FIRST) if self.named_at_first else [])
        pin = made.pin()
        made.write("root")
        self.act(made)
        about = self.about if self.reason else None
        return Case(pin, [Visit(made.publish().files, self.reason or "updated", about)])


def rotated(mldsa: list[MldsaSeedKey], *signers: MldsaSeedKey) -> Act:
    """Let other keys follow, with real Ed25519 signatures of both, signed by these ML-DSA-44 keys if any are given."""

    def act(made: Repository) -> None:
        made.mldsa_signers = list(signers) or None
        made.rotate(LATER, mldsa=mldsa)

    return act


def over_three_versions(made: Repository) -> None:
    made.rotate(LATER, mldsa=SECOND).rotate(root_keys(3), mldsa=THIRD)


def the_third_by_its_own_alone(made: Repository) -> None:
    made.rotate(LATER, mldsa=SECOND)
    made.mldsa_signers = THIRD
    made.rotate(root_keys(3), mldsa=THIRD)


def named_by_the_second(made: Repository) -> None:
    made.rotate(LATER, mldsa=SECOND).rotate(root_keys(3), mldsa=THIRD)


def named_and_left_out_again(made: Repository) -> None:
    made.rotate(LATER, mldsa=SECOND).rotate(root_keys(3))


def without_any_signature(made: Repository) -> None:
    made.mldsa_signers = []
    made.rotate(root_keys(1), mldsa=FIRST)


def the_first_by(*signers: MldsaSeedKey) -> Act:
    def act(made: Repository) -> None:
        made.mldsa_signers = list(signers)
        made.write("root", 1)

    return act


def changed_signatures(change: Callable[[list[dict[str, str]]], Any]) -> Act:
    """Change the list of signatures of a second root."""

    def act(made: Repository) -> None:
        made.rotate(LATER, mldsa=SECOND)
        content = json.loads(made.files["tuf/2.root.json"])
        change(content["signatures"])
        made.files["tuf/2.root.json"] = json.dumps(content).encode()

    return act


def of(signatures: list[dict[str, str]], key: MldsaSeedKey) -> dict[str, str]:
    return next(item for item in signatures if item["keyid"] == key.key_id)


def altered(signatures: list[dict[str, str]]) -> None:
    one = of(signatures, FIRST[0])
    one["sig"] = ("1" if one["sig"][0] == "0" else "0") + one["sig"][1:]


def exchanged(signatures: list[dict[str, str]]) -> None:
    one, other = of(signatures, SECOND[0]), of(signatures, SECOND[1])
    one["sig"], other["sig"] = other["sig"], one["sig"]


def cut_to_the_length_of_ed25519(signatures: list[dict[str, str]]) -> None:
    of(signatures, FIRST[0])["sig"] = "0" * 128


def cut_short(signatures: list[dict[str, str]]) -> None:
    one = of(signatures, FIRST[0])
    one["sig"] = one["sig"][:-2]


def member(change: Callable[[dict[str, Any]], Any]) -> Act:
    """Change what the first root says of its keys, signed anew by all of them."""

    def act(made: Repository) -> None:
        signed = json.loads(made.files["tuf/1.root.json"])["signed"]
        signed[METADATA_MEMBER] = change(signed[METADATA_MEMBER])
        said = encode_canonical(signed).encode()
        signatures = [
            *({"keyid": tuf_key(key).keyid, "sig": key.private.sign(said).hex()} for key in made.roots),
            *({"keyid": key.key_id, "sig": key.private.sign(said).hex()} for key in made.mldsa),
        ]
        made.files["tuf/1.root.json"] = json.dumps({"signatures": signatures, "signed": signed}).encode()

    return act


def with_key(holder: str, public: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda said: {**said, "keys": {**said["keys"], holder: public}}


STRANGER = SeedKey("stranger").public.hex()
HOLDER = root_keys(1)[0].public.hex()
GOOD: dict[str, MldsaCase] = {
    "three versions, all with keys": MldsaCase(over_three_versions),
    "the same root once more": MldsaCase(lambda made: made.rotate(root_keys(1), mldsa=FIRST) and None),
    "signed by all three of both": MldsaCase(rotated(SECOND, *FIRST, *SECOND)),
    "signed by others as well": MldsaCase(rotated(SECOND, *ATTACKER, *FIRST[1:], *SECOND[1:])),
    "keys first named by the second": MldsaCase(named_by_the_second, named_at_first=False),
    "no keys at all": MldsaCase(lambda made: made.rotate(LATER) and None, named_at_first=False),
}
BAD: dict[str, MldsaCase] = {
    "Ed25519 forged, keys of the forger": MldsaCase(rotated(ATTACKER, *ATTACKER), NOT_MET),
    "Ed25519 forged, the real keys, no signature": MldsaCase(without_any_signature, NOT_MET),
    "Ed25519 forged, keys left out": MldsaCase(rotated([]), NOT_MET),
    "keys left out, signed by the old ones": MldsaCase(rotated([], *FIRST), NOT_MET),
    "left out by the third": MldsaCase(
        named_and_left_out_again, NOT_MET, "tuf/3.root.json", named_at_first=False
    ),
    "the old ones alone": MldsaCase(rotated(SECOND, *FIRST), NOT_MET),
    "the new ones alone": MldsaCase(rotated(SECOND, *SECOND), NOT_MET),
    "one of the old ones": MldsaCase(rotated(SECOND, FIRST[2], *SECOND), NOT_MET),
    "one of the new ones": MldsaCase(rotated(SECOND, *FIRST, SECOND[2]), NOT_MET),
    "the third by its own alone": MldsaCase(the_third_by_its_own_alone, NOT_MET, "tuf/3.root.json"),
    "the pinned one unsigned": MldsaCase(the_first_by(), NOT_MET, "tuf/1.root.json"),
    "the pinned one by one": MldsaCase(the_first_by(FIRST[0], *ATTACKER), NOT_MET, "tuf/1.root.json"),
    "a signature altered": MldsaCase(changed_signatures(altered), NOT_MET),
    "two signatures exchanged": MldsaCase(changed_signatures(exchanged), NOT_MET),
    "a signature of another length": MldsaCase(changed_signatures(cut_to_the_length_of_ed25519), NOT_MET),
    "first named by the second, unsigned": MldsaCase(
        rotated(SECOND, *ATTACKER), NOT_MET, named_at_first=False
    ),
}


def malformed(change: Callable[[dict[str, Any]], Any]) -> MldsaCase:
    return MldsaCase(member(change), "malformed_metadata", "tuf/1.root.json", all_refuse=True)


MALFORMED: dict[str, MldsaCase] = {
    "threshold 0": malformed(lambda said: said | {"threshold": 0}),
    "threshold beyond the keys": malformed(lambda said: said | {"threshold": 4}),
    "threshold a text": malformed(lambda said: said | {"threshold": "2"}),
    "no threshold": malformed(lambda said: {"keys": said["keys"]}),
    "a member more": malformed(lambda said: said | {"more": 1}),
    "no keys": malformed(lambda said: said | {"keys": {}}),
    "keys in a list": malformed(lambda said: said | {"keys": list(said["keys"].values())}),
    "null": malformed(lambda said: None),
    "a list": malformed(lambda said: []),
    "a key of nobody": malformed(with_key(STRANGER, ATTACKER[0].public.hex())),
    "a key of two holders": malformed(with_key(HOLDER, FIRST[1].public.hex())),
    "a key cut short": malformed(with_key(HOLDER, FIRST[0].public.hex()[2:])),
    "a key in capitals": malformed(with_key(HOLDER, FIRST[0].public.hex().upper())),
    "a key that is a number": malformed(lambda said: with_key(HOLDER, "")(said) | {"keys": {HOLDER: 1}}),
    "a holder in capitals": malformed(with_key(HOLDER.upper(), ATTACKER[0].public.hex())),
    "a signature cut short": MldsaCase(
        changed_signatures(cut_short), "malformed_metadata", all_refuse=True
    ),
    "another key than pinned": MldsaCase(
        member(with_key(HOLDER, ATTACKER[0].public.hex())), "wrong_root", "tuf/1.root.json", all_refuse=True
    ),
    "another threshold than pinned": MldsaCase(
        member(lambda said: said | {"threshold": 1}), "wrong_root", "tuf/1.root.json", all_refuse=True
    ),
}  # fmt: skip
CASES = GOOD | BAD | MALFORMED
