/**
 * Questions a format asks of a decoded value: is it this type, in these bounds?
 *
 * Each function returns the value, or throws `Malformed`. They are the CDDL of docs/formats.md in JavaScript, with the
 * names of `signing/shape.py`: `integer(value, 1, 3)` is `1..3`.
 */

import { compare } from "./bytes.js";
import { Malformed } from "./errors.js";

// 9999-12-31T23:59:59Z, the last instant that every verifier's clock type can hold.
const MAX_SECONDS = 253_402_300_799;

export function integer(value, low = 0, high = Number.MAX_SAFE_INTEGER) {
  if (!Number.isSafeInteger(value) || value < low || value > high) throw new Malformed(`not an integer of ${low}..${high}`);
  return value;
}

export function octets(value, low, high = low) {
  if (content(value).length < low || value.length > high) throw new Malformed(`not a byte string of ${low}..${high} bytes`);
  return value;
}

export function content(value) {
  if (!(value instanceof Uint8Array)) throw new Malformed("not a byte string");
  return value;
}

export function text(value) {
  if (typeof value !== "string") throw new Malformed("not a text string");
  return value;
}

export function truth(value) {
  if (typeof value !== "boolean") throw new Malformed("not a boolean");
  return value;
}

export function array(value, low = 0, high = Infinity) {
  if (!Array.isArray(value) || value.length < low || value.length > high) throw new Malformed("not an array of that length");
  return value;
}

/** Require a map with exactly these keys. */
export function fields(value, keys) {
  if (!(value instanceof Map) || value.size !== keys.length || !keys.every((key) => value.has(key))) {
    throw new Malformed("not a map of these keys");
  }
  return value;
}

/** Require a map with exactly these keys, and perhaps one more. */
export function fieldsAndPerhaps(value, keys, optional) {
  return fields(value, value instanceof Map && value.has(optional) ? [...keys, optional] : keys);
}

export function environment(value) {
  if (!/^[a-z0-9-]{1,16}$/.test(text(value))) throw new Malformed("not the name of an environment");
  return value;
}

/** Require days since 1970-01-01. */
export function day(value) {
  return integer(value, 0, 65535);
}

/** Require seconds since 1970-01-01T00:00Z, before the year 10000. */
export function instant(value) {
  return integer(value, 0, MAX_SECONDS);
}

/** Require byte strings, or lists of integers and byte strings, in strictly ascending order. */
export function ascending(keys) {
  for (let i = 1; i < keys.length; i += 1) {
    if (order(keys[i - 1], keys[i]) >= 0) throw new Malformed("not in ascending order");
  }
  return keys;
}

function order(a, b) {
  if (a instanceof Uint8Array) return compare(a, b);
  if (typeof a === "string") return compare(new TextEncoder().encode(a), new TextEncoder().encode(b));
  if (typeof a === "number") return a - b;
  const at = a.findIndex((item, i) => order(item, b[i]) !== 0);
  return at < 0 ? 0 : order(a[at], b[at]);
}
