/**
 * The certificate number (docs/formats.md §4): a byte for the numbering profile, then the fields of the profile as
 * digits of one mixed-radix integer. The page only unpacks; numbers are given by the register.
 */

import { fromBigInt, toBigInt, toHex } from "./bytes.js";
import { Malformed } from "./errors.js";
import * as shape from "./shape.js";

// Bytes after the profile byte; a statement holds 12 in all, so that no token is longer than 288.
const MAX_PACKED = 11;

/** A numbering profile of the trust bundle; `issuer` lists the places of the fields that name the issuer, 0 first. */
export class Profile {
  /** Read an item of `trust/keys`. Throws `Malformed`. */
  constructor(value) {
    const [code, id, status, issuer, level, fields] = shape.array(value, 6, 6);
    this.code = shape.integer(code, 1, 255);
    this.id = shape.text(id);
    this.status = shape.text(status);
    this.fields = shape.array(fields, 1).map(readField);
    if (new Set(this.fields.map((field) => field.name)).size !== this.fields.length) throw new Malformed("two fields of one name");
    const place = (item) => shape.integer(item, 0, this.fields.length - 1);
    this.issuer = shape.array(issuer).map(place);
    this.level = level === null ? null : place(level);
    this.radixes = this.fields.map((field) => BigInt(field.alphabet.length) ** BigInt(field.width));
    this.largest = this.radixes.reduce((product, radix) => product * radix, 1n) - 1n;
    this.size = Math.max(1, fromBigInt(this.largest).length);
    if (this.size > MAX_PACKED) throw new Malformed("numbers too long");
  }

  /** The texts of the fields in order, or `null` if the packed bytes (without the profile's) do not fit. */
  unpack(packed) {
    let rest = toBigInt(packed);
    if (packed.length !== this.size || rest > this.largest) return null;
    const texts = [];
    for (let i = this.fields.length - 1; i >= 0; i -= 1) {
      texts.unshift(fieldText(this.fields[i], rest % this.radixes[i]));
      rest /= this.radixes[i];
    }
    return texts;
  }
}

/** The number as text; `CODE:HEX` if its profile is unknown or does not fit, which changes no verdict. */
export function shown(number, profiles) {
  const texts = unpacked(number, profiles);
  return texts === null ? `${number[0]}:${toHex(number.subarray(1))}` : texts.join("");
}

/** The key under which `trust/names` lists the issuer, `[profile code, text]`, or `null` if there is none. */
export function issuerKey(number, profiles) {
  const texts = unpacked(number, profiles);
  const profile = profiles.get(number[0]);
  return texts === null ? null : [profile.code, profile.issuer.map((place) => texts[place]).join("")];
}

function readField(value) {
  const [name, width, alphabet] = shape.array(value, 3, 3);
  const characters = [...shape.text(alphabet)];
  if (characters.length === 0 || new Set(characters).size !== characters.length) {
    throw new Malformed("alphabet is not a string of distinct characters");
  }
  return { name: shape.text(name), width: shape.integer(width, 1, 16), alphabet: characters };
}

function unpacked(number, profiles) {
  return profiles.get(number[0])?.unpack(number.subarray(1)) ?? null;
}

function fieldText(field, value) {
  const radix = BigInt(field.alphabet.length);
  let rest = value;
  let text = "";
  for (let i = 0; i < field.width; i += 1) {
    text = field.alphabet[Number(rest % radix)] + text;
    rest /= radix;
  }
  return text;
}
