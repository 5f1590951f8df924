/**
 * A public log that `trust/keys` names (docs/formats.md §14): who it is, which keys sign for it, how many witnesses must.
 *
 * This page opens no checkpoint. It reads the logs all the same, by the rules of `signing/log/checkpoint.py`, because a
 * trust bundle that one verifier takes and another refuses would give two verdicts on one token.
 */

import { admit } from "./ed25519.js";
import { concat, toHex } from "./bytes.js";
import { InadmissibleKey, Malformed } from "./errors.js";
import { sha256 } from "./sha2.js";
import * as shape from "./shape.js";

const MAX_KEYS = 16;
const MAX_NAME_BYTES = 255;
const MLDSA_PUBLIC_SIZE = 1312;
const KEY_ID_SIZE = 4;

/** The first byte of a verifier key's material (C2SP `signed-note`): what its signatures are. */
const Kind = Object.freeze({ LOG_ED25519: 1, COSIGNATURE_ED25519: 4, COSIGNATURE_MLDSA44: 6 });
const LOG_KINDS = [Kind.LOG_ED25519, Kind.COSIGNATURE_MLDSA44];
const WITNESS_KINDS = [Kind.COSIGNATURE_ED25519, Kind.COSIGNATURE_MLDSA44];

// No Unicode space, plus or control character. Written out: what a space is differs between languages' patterns.
const NAME = /^[^+\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

/** The logs, oldest first; throws `Malformed` or `InadmissibleKey` where Python would. */
export async function logPolicies(values) {
  const logs = await Promise.all(values.map(logPolicy));
  if (new Set(logs.map((log) => log.origin)).size !== logs.length) throw new Malformed("two logs of one origin");
  return Object.freeze(logs);
}

async function logPolicy(value) {
  const [origin, itsKeys, itsWitnesses, itsQuorum] = shape.array(value, 4, 4);
  const witnesses = shape.array(itsWitnesses, 1, MAX_KEYS).map(witness);
  const keys = noteKeys(itsKeys, origin, LOG_KINDS);
  const quorum = shape.integer(itsQuorum, 1, MAX_KEYS);
  if (!keys.some((key) => key.kind === Kind.LOG_ED25519)) throw new Malformed("a log has an Ed25519 key");
  const names = new Set(witnesses.map(({ name }) => name));
  if (quorum > names.size || names.size !== witnesses.length || names.has(origin)) {
    throw new Malformed("a quorum is of witnesses that there are");
  }
  const every = [...keys, ...witnesses.flatMap((one) => one.keys)];
  if (new Set(every.map((key) => toHex(key.public))).size !== every.length) throw new Malformed("one key twice");
  // By name and key id a signature line finds its key.
  const lines = await Promise.all(every.map(async (key) => `${key.name} ${toHex(await keyId(key))}`));
  if (new Set(lines).size !== every.length) throw new Malformed("two keys that no line could tell apart");
  return Object.freeze({ origin, keys, witnesses, quorum });
}

async function keyId({ name, kind, public: publicBytes }) {
  const material = concat(new TextEncoder().encode(`${name}\n`), Uint8Array.of(kind), publicBytes);
  return (await sha256(material)).subarray(0, KEY_ID_SIZE);
}

function witness(value) {
  const [name, keys] = shape.array(value, 2, 2);
  return Object.freeze({ name, keys: noteKeys(keys, name, WITNESS_KINDS) });
}

function noteKeys(value, name, kinds) {
  if (!NAME.test(shape.text(name)) || new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
    throw new Malformed("a key's name has no spaces and no plus, and at most 255 bytes");
  }
  return shape.array(value, 1, MAX_KEYS).map((item) => noteKey(item, name, kinds));
}

function noteKey(value, name, kinds) {
  const [kind, publicBytes] = shape.array(value, 2, 2);
  if (!kinds.includes(shape.integer(kind))) throw new Malformed("a note key of another kind");
  shape.content(publicBytes);
  if (kind !== Kind.COSIGNATURE_MLDSA44) admit(publicBytes);
  else if (publicBytes.length !== MLDSA_PUBLIC_SIZE) throw new InadmissibleKey("an ML-DSA-44 key has 1312 bytes");
  return Object.freeze({ name, kind, public: publicBytes });
}
