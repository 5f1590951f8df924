/**
 * Strict JSON, and the canonical form that TUF signs; what `signing/canonical_json.py` reads and writes.
 *
 * `JSON.parse` takes the last of two members of one name and rounds numbers, so that two readers could see two things
 * in the same signed bytes. Here such bytes are no JSON. Objects come without a prototype.
 */

import { compare } from "../verifier/bytes.js";
import { Malformed } from "../verifier/errors.js";

const MAX_DEPTH = 16;
const TOKEN = /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\.)*")|(-?(?:0|[1-9][0-9]*))(?![0-9.eE])|(true|false|null))/y;
const BLANK = /[ \t\n\r]*$/y;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const WORDS = { true: true, false: false, null: null };

/** Read UTF-8 JSON of our subset; throws `Malformed` for anything else. */
export function decode(bytes) {
  const reader = new Reader(textOf(bytes));
  const value = reader.value(reader.next(), MAX_DEPTH);
  reader.requireEnd();
  return value;
}

/** The canonical form of a value that `decode` gave. @returns {Uint8Array} */
export function encode(value) {
  return new TextEncoder().encode(canonical(value));
}

function canonical(value) {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return String(value);
  const members = Object.keys(value).sort(byCodePoints).map((name) => `${quoted(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

function quoted(text) {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** JavaScript orders texts by UTF-16, which puts U+FF5E behind U+10000; their UTF-8 has the right order. */
function byCodePoints(a, b) {
  return compare(new TextEncoder().encode(a), new TextEncoder().encode(b));
}

function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("not UTF-8");
  }
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  /** The next token: `[mark, text, integer, word]`, of which one is set. */
  next() {
    TOKEN.lastIndex = this.at;
    const found = TOKEN.exec(this.text);
    if (found === null) throw new Malformed("not JSON");
    this.at = TOKEN.lastIndex;
    return found.slice(1);
  }

  value([mark, text, integer, word], depth) {
    if (text !== undefined) return unescaped(text);
    if (integer !== undefined) return safeInteger(integer);
    if (word !== undefined) return WORDS[word];
    if (depth === 0) throw new Malformed("too many levels");
    if (mark === "[") return this.array(depth - 1);
    if (mark === "{") return this.object(depth - 1);
    throw new Malformed("not JSON");
  }

  array(depth) {
    const items = [];
    let token = this.next();
    if (token[0] === "]") return items;
    for (;;) {
      items.push(this.value(token, depth));
      if (this.separator("]")) return items;
      token = this.next();
    }
  }

  object(depth) {
    const members = Object.create(null);
    let token = this.next();
    if (token[0] === "}") return members;
    for (;;) {
      if (token[1] === undefined) throw new Malformed("a name that is no text");
      const name = unescaped(token[1]);
      if (name in members) throw new Malformed("a member twice");
      if (this.next()[0] !== ":") throw new Malformed("not JSON");
      members[name] = this.value(this.next(), depth);
      if (this.separator("}")) return members;
      token = this.next();
    }
  }

  /** Whether what was read is the last; throws `Malformed` unless a comma or the end follows. */
  separator(end) {
    const [mark] = this.next();
    if (mark !== "," && mark !== end) throw new Malformed("not JSON");
    return mark === end;
  }

  requireEnd() {
    BLANK.lastIndex = this.at;
    if (!BLANK.test(this.text)) throw new Malformed("more than one value");
  }
}

function unescaped(token) {
  let text;
  try {
    text = JSON.parse(token);
  } catch {
    throw new Malformed("a text with a wrong escape");
  }
  if (LONE_SURROGATE.test(text)) throw new Malformed("text with a surrogate");
  return text;
}

function safeInteger(digits) {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new Malformed("integer too large");
  return value + 0;
}
