/**
 * The status file (docs/formats.md §7): which entries were voided, not yet released, revoked, superseded, suspended.
 *
 * An entry in none of the five sets, and not beyond N, is released and in force. Whether the file is fresh enough is
 * decided by `verdict.js`.
 */

import { decode } from "./cbor.js";
import { Envelope, Kind } from "./cose.js";
import { KeyDistrusted, Malformed, UnknownKey, WrongEnvironment, WrongKeyKind } from "./errors.js";
import * as shape from "./shape.js";

const FORMAT = 1;
const CODING = 1;
const FIELDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const MAX_LEB128_BYTES = 8;
const SETS = { voided: 8, unreleased: 9, revoked: 10, superseded: 11, suspended: 12 };

/** `size` is N; `madeAt` is in seconds since 1970-01-01T00:00Z; the five sets hold entries. */
export class Status {
  static fromPayload(payload) {
    const items = shape.fields(decode(payload), FIELDS);
    shape.integer(items.get(1), FORMAT, FORMAT);
    shape.integer(items.get(7), CODING, CODING);
    const size = shape.integer(items.get(5));
    const sets = Object.fromEntries(
      Object.entries(SETS).map(([name, place]) => [name, entrySet(shape.content(items.get(place)), size)]),
    );
    requireDisjoint(Object.values(sets));
    return Object.freeze(Object.assign(new Status(), sets, {
      environment: shape.environment(items.get(2)),
      version: shape.integer(items.get(3)),
      madeAt: shape.instant(items.get(4)),
      size,
      trustKeysVersion: shape.integer(items.get(6)),
    }));
  }
}

/** The status if a status key of the bundle signed it for the bundle's environment; throws a `SigningError` otherwise. */
export async function openStatus(data, trust) {
  // 1. One COSE_Sign1 with its payload?
  const envelope = Envelope.fromBytes(data);
  const payload = shape.content(envelope.payload);
  // 2. By a status key that nobody distrusts?
  const key = trust.key(envelope.keyId);
  if (key === null) throw new UnknownKey("not in the trust bundle");
  if (key.kind !== Kind.STATUS) throw new WrongKeyKind(`a key of kind ${key.kind}`);
  if (trust.isDistrusted(envelope.keyId)) throw new KeyDistrusted("the status key is distrusted");
  // 3. Does the signature hold?
  await key.verifier.verify(envelope.signature, envelope.signedBytes(trust.environment, Kind.STATUS));
  // 4. Is the payload a status, of our environment?
  const status = Status.fromPayload(payload);
  if (status.environment !== trust.environment) throw new WrongEnvironment(`made for ${status.environment}`);
  return status;
}

/** Decode coding 1: each entry as its difference to the one before, in LEB128 of the fewest bytes. */
function entrySet(coded, size) {
  const entries = new Set();
  let entry = 0;
  for (let at = 0; at < coded.length;) {
    const [difference, next] = leb128(coded, at);
    entry += difference;
    if (!(difference > 0 && entry <= size)) throw new Malformed("an entry out of order, or beyond N");
    entries.add(entry);
    at = next;
  }
  return entries;
}

function leb128(coded, start) {
  const end = Math.min(coded.length, start + MAX_LEB128_BYTES);
  let value = 0;
  for (let at = start, factor = 1; at < end; at += 1, factor *= 128) {
    value += (coded[at] & 0x7f) * factor;
    if (!(value <= Number.MAX_SAFE_INTEGER)) throw new Malformed("beyond 2^53 - 1");
    if (coded[at] < 0x80) {
      if (coded[at] === 0 && at > start) throw new Malformed("not the fewest bytes");
      return [value, at + 1];
    }
  }
  throw new Malformed("a difference cut short, or too long");
}

function requireDisjoint(sets) {
  const seen = new Set();
  for (const entry of sets.flatMap((set) => [...set])) {
    if (seen.has(entry)) throw new Malformed("an entry in two sets");
    seen.add(entry);
  }
}
