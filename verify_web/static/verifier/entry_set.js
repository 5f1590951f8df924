/**
 * A set of entries in a few bits more than it can be told in (docs/formats.md §7); the twin of `signing/entry_set.py`.
 *
 * Rice coding of the gaps between entries, in blocks that each have their own parameter. The rule that gives the parameter
 * makes the coding canonical, and bounds the unary runs: a decoder's work is a small multiple of the bytes it was given.
 */

import { Malformed } from "./errors.js";
import * as shape from "./shape.js";

export const MAX_ENTRY = 2 ** 32 - 1;
/** In all sets of one file together. */
export const MAX_ENTRIES = 2 ** 23;

const BLOCK = 128;
const PARAMETER_BITS = 5;
const WINDOW = 32;

/** Entries in ascending order, each once. A million of them take four megabytes, and no hashing to make. */
export class EntrySet {
  /** @param {Uint32Array} entries ascending */
  constructor(entries) {
    this.entries = entries;
  }

  /** @param {EntrySet[]} sets */
  static union(sets) {
    const all = new Uint32Array(sets.reduce((size, set) => size + set.size, 0));
    let at = 0;
    for (const { entries } of sets) {
      all.set(entries, at);
      at += entries.length;
    }
    all.sort();
    return new EntrySet(all.filter((entry, i) => i === 0 || entry !== all[i - 1]));
  }

  without(other) {
    return new EntrySet(this.entries.filter((entry) => !other.has(entry)));
  }

  get size() {
    return this.entries.length;
  }

  get last() {
    return this.size === 0 ? 0 : this.entries[this.size - 1];
  }

  has(entry) {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.entries[middle] < entry) low = middle + 1;
      else high = middle;
    }
    return low < this.size && this.entries[low] === entry;
  }

  isDisjointFrom({ entries: others }) {
    const { entries } = this;
    let at = 0;
    let other = 0;
    while (at < entries.length && other < others.length) {
      if (entries[at] === others[other]) return false;
      if (entries[at] < others[other]) at += 1;
      else other += 1;
    }
    return true;
  }
}

/** Read the CBOR values of the sets of one file; throws `Malformed` unless they are in the one coding. */
export function fromValues(values) {
  const coded = values.map((value) => shape.array(value, 2, 2));
  const counts = coded.map(([count]) => shape.integer(count, 0, MAX_ENTRIES));
  // Counted before room is made for them.
  requireRoom(counts);
  return coded.map(([count, gaps]) => new EntrySet(decode(count, shape.content(gaps))));
}

/** The CBOR value of each set of one file. @param {EntrySet[]} sets */
export function toValues(sets) {
  requireRoom(sets.map((set) => set.size));
  return sets.map((set) => [set.size, encode(set.entries)]);
}

function requireRoom(counts) {
  if (counts.reduce((sum, count) => sum + count, 0) > MAX_ENTRIES) throw new Malformed("more entries than a file may hold");
}

/** Whether 2^k is a parameter that could not be smaller: what a block's quotients lose from k to k + 1 against its gaps. */
function isParameter(lost, lostBefore, count, k) {
  return lost <= count && (k === 0 || lostBefore > count);
}

function decode(count, content) {
  // Every gap takes a bit at the least.
  if (count > 8 * content.length) throw new Malformed("a set cut short");
  const entries = new Uint32Array(count);
  const bits = new BitReader(content);
  let entry = 0;
  for (let start = 0; start < count; start += BLOCK) {
    const end = Math.min(count, start + BLOCK);
    const k = bits.read(PARAMETER_BITS);
    const unit = 2 ** k;
    let lost = 0;
    let lostBefore = 0;
    for (let i = start; i < end; i += 1) {
      const quotient = bits.zeros();
      const remainder = bits.read(k);
      lost += (quotient + 1) >>> 1;
      lostBefore += quotient + (2 * remainder >= unit ? 1 : 0);
      if (lost > end - start) throw new Malformed("a gap too long for its block");
      entry += quotient * unit + remainder + 1;
      if (entry > MAX_ENTRY) throw new Malformed("an entry beyond 4294967295");
      entries[i] = entry;
    }
    if (!isParameter(lost, lostBefore, end - start, k)) throw new Malformed("a block with another parameter than the rule gives");
  }
  bits.requireEnd();
  return entries;
}

function encode(entries) {
  const bits = new BitWriter();
  let previous = 0;
  for (let start = 0; start < entries.length; start += BLOCK) {
    const gaps = Array.from(entries.subarray(start, start + BLOCK), (entry) => {
      const gap = entry - previous - 1;
      previous = entry;
      return gap;
    });
    const k = riceParameter(gaps);
    const unit = 2 ** k;
    bits.write(k, PARAMETER_BITS);
    for (const gap of gaps) {
      bits.skip(Math.floor(gap / unit));
      // The one that ends the quotient stands before the remainder's bits as the digit of 2^k.
      bits.write(unit + (gap % unit), k + 1);
    }
  }
  return bits.bytes();
}

/** The smallest k for which the sum of ⌈⌊gap / 2^k⌋ / 2⌉ is at most the number of gaps. No k makes the block shorter. */
function riceParameter(gaps) {
  const lost = (k) => gaps.reduce((sum, gap) => sum + (((gap >>> k) + 1) >>> 1), 0);
  const mean = Math.floor(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length);
  // With 2^k at most a quarter of the mean the sum is above the number of gaps, so the search may begin there.
  let k = Math.max(0, 30 - Math.clz32(mean));
  while (lost(k) > gaps.length) k += 1;
  return k;
}

/** Reads bits from the most significant one of the first byte on. */
class BitReader {
  constructor(content) {
    this.end = 8 * content.length;
    this.at = 0;
    // A window may reach five bytes beyond the end.
    this.content = new Uint8Array(content.length + 5);
    this.content.set(content);
  }

  /** The next 32 bits, zeros beyond the end. */
  window() {
    const { content } = this;
    const byte = this.at >>> 3;
    const shift = this.at & 7;
    const whole = (content[byte] << 24) | (content[byte + 1] << 16) | (content[byte + 2] << 8) | content[byte + 3];
    return ((whole << shift) | (content[byte + 4] >>> (8 - shift))) >>> 0;
  }

  /** Read an integer of up to 31 bits. */
  read(count) {
    if (count === 0) return 0;
    const value = this.window() >>> (WINDOW - count);
    this.skip(count);
    return value;
  }

  /** Read zeros and the one after them; how many zeros. */
  zeros() {
    let zeros = 0;
    for (;;) {
      const run = Math.clz32(this.window());
      zeros += run;
      if (run < WINDOW) {
        this.skip(run + 1);
        return zeros;
      }
      this.skip(WINDOW);
    }
  }

  skip(count) {
    this.at += count;
    if (this.at > this.end) throw new Malformed("a set cut short");
  }

  requireEnd() {
    const unused = this.end - this.at;
    if (unused > 7 || (unused > 0 && this.read(unused) !== 0)) throw new Malformed("bits after the last entry");
  }
}

/** Writes bits from the most significant one of the first byte on. */
class BitWriter {
  constructor() {
    this.content = new Uint8Array(1024);
    this.at = 0;
  }

  /** Write an integer in 1 to 32 bits. */
  write(value, count) {
    this.skip(count);
    for (let left = count, rest = value; left > 0;) {
      const end = this.at - count + left;
      const room = ((end - 1) & 7) + 1;
      this.content[(end - 1) >>> 3] |= rest << (8 - room);
      rest >>>= room;
      left -= room;
    }
  }

  /** Write zeros. */
  skip(count) {
    this.at += count;
    if (this.at <= 8 * this.content.length) return;
    const larger = new Uint8Array(2 * this.content.length + (count >>> 3));
    larger.set(this.content);
    this.content = larger;
  }

  bytes() {
    return this.content.slice(0, Math.ceil(this.at / 8));
  }
}
