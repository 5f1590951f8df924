/**
 * The status file (docs/formats.md §7): which entries were voided, not yet released, revoked, superseded, suspended.
 *
 * An entry in none of the five sets, and not beyond N, is released and in force. Whether the file is fresh enough is
 * decided by `verdict.js`.
 */

import { decode, encode } from "./cbor.js";
import { Envelope, Kind } from "./cose.js";
import { KeyDistrusted, Malformed, UnknownKey, WrongEnvironment, WrongKeyKind } from "./errors.js";
import { fromValues, MAX_ENTRY, toValues } from "./entry_set.js";
import * as shape from "./shape.js";

const FORMAT = 1;
/** Of the sets, see `entry_set.js`; a verifier that does not know it can not tell. */
const CODING = 2;
/** Of the items of a payload; the last five are the sets. */
export const PLACES = Object.freeze([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const FIRST_SET = 8;
/** The five sets in the order of the file. */
export const SETS = Object.freeze(["voided", "unreleased", "revoked", "superseded", "suspended"]);

/** `size` is N; `madeAt` is in seconds since 1970-01-01T00:00Z; each of `SETS` is an `EntrySet`. */
export class Status {
  /** Throws `Malformed` for sets that overlap or leave 1..N. */
  constructor(fields) {
    Object.assign(this, fields);
    const sets = this.sets();
    if (sets.some((set) => set.last > this.size)) throw new Malformed("an entry beyond N");
    requireDisjoint(sets);
    Object.freeze(this);
  }

  static fromPayload(payload) {
    return Status.fromItems(shape.fields(decode(payload), PLACES));
  }

  /** Read the items of a payload, a `Map`. */
  static fromItems(items) {
    shape.integer(items.get(1), FORMAT, FORMAT);
    shape.integer(items.get(7), CODING, CODING);
    const sets = fromValues(SETS.map((_, place) => items.get(FIRST_SET + place)));
    return new Status({
      environment: shape.environment(items.get(2)),
      version: shape.integer(items.get(3)),
      madeAt: shape.instant(items.get(4)),
      size: shape.integer(items.get(5), 0, MAX_ENTRY),
      trustKeysVersion: shape.integer(items.get(6)),
      ...Object.fromEntries(SETS.map((name, place) => [name, sets[place]])),
    });
  }

  sets() {
    return SETS.map((name) => this[name]);
  }

  /** The bytes that the status key signed. */
  toPayload() {
    const header = [FORMAT, this.environment, this.version, this.madeAt, this.size, this.trustKeysVersion, CODING];
    return encode(new Map([...header, ...toValues(this.sets())].map((item, i) => [PLACES[i], item])));
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

function requireDisjoint(sets) {
  for (const [place, set] of sets.entries()) {
    if (!sets.slice(place + 1).every((other) => set.isDisjointFrom(other))) throw new Malformed("an entry in two sets");
  }
}
