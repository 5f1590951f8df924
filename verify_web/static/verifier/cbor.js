/**
 * Strict deterministic CBOR (RFC 8949 §4.2.1), the subset of docs/formats.md §1, both ways.
 *
 * The decoder accepts exactly what the encoder would write: shortest heads, definite lengths, ascending map keys,
 * no byte after the item. It refuses everything else by `Malformed`, and guesses nothing.
 *
 * Values: integers as Number, byte strings as Uint8Array, text as String, arrays as Array, maps as Map with
 * integer keys, `true`, `false`, `null`, and `Tagged` for tag 18.
 */

import { compare, concat } from "./bytes.js";
import { Malformed } from "./errors.js";

export const MAX_DEPTH = 8;
/** In all, at every level; keys and values of a map are items, and so are arrays, maps and tags themselves. */
export const MAX_ITEMS = 1_000_000;
export const TAG_COSE_SIGN1 = 18;

const SIMPLE = new Map([[0xf4, false], [0xf5, true], [0xf6, null]]);
// ignoreBOM keeps U+FEFF at the start of a text: without it two different byte strings would read alike.
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A tag and its one item. */
export class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

/** Encode a value of the types above. Throws `Malformed` for one that the formats do not know. */
export function encode(value) {
  if (Number.isSafeInteger(value)) return value < 0 ? head(1, -1 - value) : head(0, value);
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (typeof value === "string") return encodeText(value);
  if (Array.isArray(value)) return concat(head(4, value.length), ...value.map(encode));
  if (value instanceof Map) return encodeMap(value);
  if (value instanceof Tagged) return concat(head(6, value.tag), encode(value.value));
  for (const [byte, simple] of SIMPLE) {
    if (value === simple) return Uint8Array.of(byte);
  }
  throw new Malformed("a value that the formats do not know");
}

/** Decode one item that fills `data` exactly, or throw `Malformed`. */
export function decode(data) {
  const reader = new Reader(data);
  const value = reader.item(MAX_DEPTH);
  if (reader.at !== data.length) throw new Malformed("bytes after the item");
  return value;
}

function encodeText(text) {
  const bytes = new TextEncoder().encode(text);
  if (TEXT.decode(bytes) !== text) throw new Malformed("text with a lone surrogate");
  return concat(head(3, bytes.length), bytes);
}

function encodeMap(map) {
  if (![...map.keys()].every(Number.isSafeInteger)) throw new Malformed("a map key that is not an integer");
  const pairs = [...map].map(([key, value]) => [encode(key), encode(value)]);
  pairs.sort(([a], [b]) => compare(a, b));
  return concat(head(5, map.size), ...pairs.flat());
}

function head(major, argument) {
  const first = major << 5;
  if (argument < 24) return Uint8Array.of(first | argument);
  if (argument < 0x100) return Uint8Array.of(first | 24, argument);
  const bytes = new Uint8Array(argument < 0x10000 ? 3 : argument < 0x100000000 ? 5 : 9);
  const view = new DataView(bytes.buffer);
  if (bytes.length === 3) view.setUint16(1, argument);
  if (bytes.length === 5) view.setUint32(1, argument);
  if (bytes.length === 9) view.setBigUint64(1, BigInt(argument));
  bytes[0] = first | { 3: 25, 5: 26, 9: 27 }[bytes.length];
  return bytes;
}

class Reader {
  constructor(data) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.at = 0;
    this.itemsLeft = MAX_ITEMS - 1;
  }

  /** Read one item, with `room` more levels allowed: every array, map and tag is a level. */
  item(room) {
    const first = this.take(1)[0];
    if (SIMPLE.has(first)) return SIMPLE.get(first);
    const argument = this.argument(first & 0x1f);
    switch (first >> 5) {
      case 0: return argument;
      case 1: return negative(argument);
      case 2: return this.take(argument).slice();
      case 3: return text(this.take(argument));
      case 4: return this.array(argument, inside(room));
      case 5: return this.map(argument, inside(room));
      case 6: return this.tagged(argument, inside(room));
      default: throw new Malformed("a float, or a simple value that the formats do not know");
    }
  }

  take(size) {
    if (size > this.data.length - this.at) throw new Malformed("cut short");
    this.at += size;
    return this.data.subarray(this.at - size, this.at);
  }

  /** Read the argument of a head, refusing one that fits a shorter head (RFC 8949 §4.2.1) or is beyond 2^53 − 1. */
  argument(info) {
    if (info < 24) return info;
    if (info > 27) throw new Malformed("an indefinite length or a reserved head");
    const size = 1 << (info - 24);
    this.take(size);
    const at = this.at - size;
    const value = this.unsigned(at, size);
    const least = { 1: 24, 2: 0x100, 4: 0x10000, 8: 0x100000000 }[size];
    if (value < least) throw new Malformed("not the shortest head");
    if (value > Number.MAX_SAFE_INTEGER) throw new Malformed("beyond 2^53 - 1");
    return value;
  }

  unsigned(at, size) {
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at);
    if (size === 4) return this.view.getUint32(at);
    // Rounded above 2^53, and then still above 2^53 − 1: refused by the caller.
    return Number(this.view.getBigUint64(at));
  }

  /** Count items before room is made for them. */
  expect(items) {
    this.itemsLeft -= items;
    if (this.itemsLeft < 0) throw new Malformed("more than a million items");
  }

  array(length, room) {
    this.expect(length);
    const items = [];
    for (let i = 0; i < length; i += 1) items.push(this.item(room));
    return items;
  }

  map(length, room) {
    this.expect(2 * length);
    const map = new Map();
    let before = null;
    for (let i = 0; i < length; i += 1) {
      const start = this.at;
      const key = this.item(0);
      if (!Number.isSafeInteger(key)) throw new Malformed("a map key that is not an integer");
      const encoded = this.data.subarray(start, this.at);
      if (before !== null && compare(before, encoded) >= 0) throw new Malformed("map keys out of order");
      before = encoded;
      map.set(key, this.item(room));
    }
    return map;
  }

  tagged(tag, room) {
    if (tag !== TAG_COSE_SIGN1) throw new Malformed("a tag that the formats do not know");
    this.expect(1);
    return new Tagged(tag, this.item(room));
  }
}

function inside(room) {
  if (room === 0) throw new Malformed("nested too deep");
  return room - 1;
}

function negative(argument) {
  if (argument >= Number.MAX_SAFE_INTEGER) throw new Malformed("beyond -(2^53 - 1)");
  return -1 - argument;
}

function text(bytes) {
  try {
    return TEXT.decode(bytes);
  } catch {
    throw new Malformed("text that is not UTF-8");
  }
}
