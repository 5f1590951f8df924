/** Byte strings: joining, comparing, and their hexadecimal text. Nothing here is secret, so nothing is constant-time. */

import { Malformed } from "./errors.js";

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Bytewise order: negative, zero or positive, as `Array.prototype.sort` wants it. */
export function compare(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i += 1) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

export function equal(a, b) {
  return compare(a, b) === 0;
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Throws `Malformed` for anything but pairs of lower-case hexadecimal digits. */
export function fromHex(text) {
  if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text)) throw new Malformed("not lower-case hexadecimal");
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** The bytes as one big-endian integer. */
export function toBigInt(bytes) {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
}

/** The integer in the fewest big-endian bytes; 0 is no byte at all. */
export function fromBigInt(value) {
  if (value === 0n) return new Uint8Array();
  const hex = value.toString(16);
  return fromHex(hex.length % 2 ? `0${hex}` : hex);
}
