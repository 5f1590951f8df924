/**
 * A delta: what brings a status that is held up to the present one (docs/formats.md §7); the twin of
 * `signing/status_delta.py`.
 *
 * A delta is signed by nobody and believed by nobody: what it makes must be opened like any other status file. Whatever is
 * wrong with one, the whole file is fetched instead.
 */

import { decode } from "./cbor.js";
import { Envelope } from "./cose.js";
import { EntrySet, fromValues } from "./entry_set.js";
import { DeltaMisfit, Malformed } from "./errors.js";
import * as shape from "./shape.js";
import { PLACES, SETS, Status } from "./status.js";

const CLEARED = 13;
const BASE = 14;
const SIGNATURE = 15;

/** How far back deltas reach. */
const HOURS = 6;
const DAYS = 8;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/**
 * The whole signed status file that a delta makes of a status that was verified before, to be opened by `openStatus`.
 *
 * Throws `Malformed` for bytes that are no delta, `DeltaMisfit` for one that does not apply to this status.
 *
 * @param {Uint8Array} delta
 * @param {Status} held
 * @returns {Uint8Array}
 */
export function applyDelta(delta, held) {
  // 1. Is it a delta?
  const { base, after, cleared, signature } = read(delta);
  // 2. Does it begin at or before what is held, and end at or after it?
  if (held.environment !== after.environment) throw new DeltaMisfit("of another environment");
  if (!(base <= held.version && held.version <= after.version && held.size <= after.size)) {
    throw new DeltaMisfit(`from version ${base} to ${after.version}; version ${held.version} is held`);
  }
  // 3. What did not change is as it was; what did is where the delta says.
  const touched = EntrySet.union([cleared, ...after.sets()]);
  const sets = SETS.map((name) => [name, EntrySet.union([held[name].without(touched), after[name]])]);
  const present = new Status({ ...after, ...Object.fromEntries(sets) });
  return signature.toBytesWith(present.toPayload());
}

/**
 * The name in the public tree of the delta for a status made at an instant; `null` if it is too old.
 *
 * @param {number} heldSince seconds since 1970-01-01T00:00Z
 * @param {number} now the same
 */
export function deltaName(heldSince, now) {
  const past = (unit) => Math.floor(now / unit) - Math.floor(heldSince / unit);
  const text = new Date(heldSince * 1000).toISOString();
  if (past(HOUR_SECONDS) <= HOURS) return `status/since/${text.slice(0, 13)}.cbor`;
  if (past(DAY_SECONDS) <= DAYS) return `status/since/${text.slice(0, 10)}.cbor`;
  return null;
}

function read(delta) {
  const items = shape.fields(decode(delta), [...PLACES, CLEARED, BASE, SIGNATURE]);
  const [cleared] = fromValues([items.get(CLEARED)]);
  const after = Status.fromItems(items);
  const base = shape.integer(items.get(BASE), 0, after.version);
  const signature = Envelope.fromValue(items.get(SIGNATURE));
  if (signature.payload !== null) throw new Malformed("a delta with the payload that it should spare");
  if (cleared.last > after.size) throw new Malformed("an entry beyond N");
  if (!after.sets().every((set) => set.isDisjointFrom(cleared))) throw new Malformed("an entry both in a set and in none");
  return { base, after, cleared, signature };
}
