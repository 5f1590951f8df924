/**
 * A public log that `trust/keys` names (docs/formats.md §14): who it is, which keys sign for it, how many witnesses must.
 *
 * This page opens no checkpoint. It reads the logs all the same, by the rules of `signing/log/checkpoint.py`, because a
 * trust bundle that one verifier takes and another refuses would give two verdicts on one token.
 */

import { admit } from "./ed25519.js";
import { toHex } from "./bytes.js";
import { InadmissibleKey, Malformed } from "./errors.js";
import * as shape from "./shape.js";

const MAX_KEYS = 16;
const MAX_NAME_BYTES = 255;
const MLDSA_PUBLIC_SIZE = 1312;

/** The first byte of a verifier key's material (C2SP `signed-note`): what its signatures are. */
const Kind = Object.freeze({ LOG_ED25519: 1, COSIGNATURE_ED25519: 4, COSIGNATURE_MLDSA44: 6 });
const LOG_KINDS = [Kind.LOG_ED25519, Kind.COSIGNATURE_MLDSA44];
const WITNESS_KINDS = [Kind.COSIGNATURE_ED25519, Kind.COSIGNATURE_MLDSA44];

// No Unicode space, plus or control character. Written out: what a space is differs between languages' patterns.
const NAME = /^[^+\u0000-\u0020\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

/** One log; throws `Malformed` or `InadmissibleKey` where Python would. */
export function logPolicy(value) {
  const [origin, itsKeys, itsWitnesses, itsQuorum] = shape.array(value, 4, 4);
  const witnesses = shape.array(itsWitnesses, 1, MAX_KEYS).map(witness);
  const keys = noteKeys(itsKeys, origin, LOG_KINDS);
  const quorum = shape.integer(itsQuorum, 1, MAX_KEYS);
  if (!keys.some((key) => key.kind === Kind.LOG_ED25519)) throw new Malformed("a log has an Ed25519 key");
  const names = new Set(witnesses.map(({ name }) => name));
  if (quorum > names.size || names.size !== witnesses.length || names.has(origin)) {
    throw new Malformed("a quorum is of witnesses that there are");
  }
  const publics = witnesses.flatMap((one) => one.keys.map((key) => toHex(key.public)));
  if (new Set(publics).size !== publics.length || keys.some((key) => publics.includes(toHex(key.public)))) {
    throw new Malformed("one key of two witnesses, or of log and witness");
  }
  return Object.freeze({ origin, keys, witnesses, quorum });
}

function witness(value) {
  const [name, keys] = shape.array(value, 2, 2);
  return Object.freeze({ name, keys: noteKeys(keys, name, WITNESS_KINDS) });
}

function noteKeys(value, name, kinds) {
  if (!NAME.test(shape.text(name)) || new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
    throw new Malformed("a key's name has no spaces and no plus, and at most 255 bytes");
  }
  return shape.array(value, 1, MAX_KEYS).map((item) => noteKey(item, kinds));
}

function noteKey(value, kinds) {
  const [kind, publicBytes] = shape.array(value, 2, 2);
  if (!kinds.includes(shape.integer(kind))) throw new Malformed("a note key of another kind");
  shape.content(publicBytes);
  if (kind !== Kind.COSIGNATURE_MLDSA44) admit(publicBytes);
  else if (publicBytes.length !== MLDSA_PUBLIC_SIZE) throw new InadmissibleKey("an ML-DSA-44 key has 1312 bytes");
  return Object.freeze({ kind, public: publicBytes });
}
