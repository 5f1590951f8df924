/**
 * What a certificate says (docs/formats.md §3): nine values, codes and not names.
 *
 * A statement is a value; that somebody signed it is shown by `verdict.js` alone.
 */

import { decode, encode } from "./cbor.js";
import { Malformed, UnknownVersion } from "./errors.js";
import * as shape from "./shape.js";

export const VERSION = 1;
export const MAX_ENTRY = 4_294_967_295;
export const MAX_NAME_BYTES = 168;
export const Level = Object.freeze({ JUNIOR: 1, INTERMEDIATE: 2, SENIOR: 3 });

const DAY_MILLISECONDS = 86_400_000;

/** One version of one certificate; `issuedOn` is in days since 1970-01-01, `direction` may be `null`. */
export class Statement {
  /** Read a payload. Throws `UnknownVersion`, or `Malformed` if it is not a statement of version 1. */
  static fromBytes(payload) {
    requireKnownVersion(payload);
    const items = shape.array(decode(payload), 9, 9);
    const [version, entry, number, holderName, idCheck, occupation, direction, level, issuedOn] = items;
    shape.integer(version, VERSION, VERSION);
    const [edition, code] = shape.array(occupation, 2, 2);
    return Object.freeze(Object.assign(new Statement(), {
      entry: shape.integer(entry, 1, MAX_ENTRY),
      number: shape.octets(number, 2, 12),
      holderName: requireName(holderName),
      idCheck: shape.integer(idCheck, 0, 4095),
      occupation: Object.freeze([shape.integer(edition, 1, 255), shape.integer(code, 0, 9_999_999)]),
      direction: direction === null ? null : shape.integer(direction, 1, 255),
      level: shape.integer(level, Level.JUNIOR, Level.SENIOR),
      issuedOn: shape.day(issuedOn),
    }));
  }

  toBytes() {
    return encode([
      VERSION, this.entry, this.number, this.holderName, this.idCheck, [...this.occupation], this.direction,
      this.level, this.issuedOn,
    ]);
  }

  /** The civil date 发证日期 as `2026-11-20`. */
  get issuedOnText() {
    return new Date(this.issuedOn * DAY_MILLISECONDS).toISOString().slice(0, 10);
  }

  /** The occupation's code as printed: `2-02-10-11`. */
  get occupationText() {
    const digits = String(this.occupation[1]).padStart(7, "0");
    return [digits.slice(0, 1), digits.slice(1, 3), digits.slice(3, 5), digits.slice(5)].join("-");
  }
}

/** Throw `UnknownVersion` if an array of 1 to 23 items begins with a version 0..23 other than ours. */
export function requireKnownVersion(payload) {
  const [first, version] = payload;
  if (payload.length >= 2 && first >= 0x81 && first <= 0x97 && version <= 0x17 && version !== VERSION) {
    throw new UnknownVersion(`payload of unknown version ${version}`);
  }
}

function requireName(name) {
  const size = new TextEncoder().encode(shape.text(name)).length;
  if (size < 1 || size > MAX_NAME_BYTES) throw new Malformed("name is not 1..168 bytes of UTF-8");
  return name;
}
