/**
 * What this browser remembers from visit to visit: the newest verified roots, timestamp and snapshot.
 *
 * They are kept as they were signed and verified anew at each visit, so that versions bind only as long as the keys that
 * gave them count: that is how TUF recovers from a version that was driven up. One memory for each pinned root. Public
 * metadata only; nothing of any certificate.
 */

import { toHex } from "../verifier/bytes.js";
import { sha256 } from "../verifier/sha2.js";

const PREFIX = "certreg-distribution/";
const NOTHING = Object.freeze({ roots: Object.freeze([]), timestamp: null, snapshot: null });

export class Memory {
  #storage;

  #key;

  #written = null;

  #content = NOTHING;

  /** @param {?Storage} storage `null` where the browser gives none */
  constructor(storage, key) {
    this.#storage = storage;
    this.#key = key;
    this.remembers = this.#read();
  }

  /** The memory for a pinned root. */
  static async of(pinned, storage) {
    const keys = [...pinned.verifiers.keys()].join();
    const said = new TextEncoder().encode([pinned.version, pinned.threshold, keys].join("/"));
    return new Memory(storage, `${PREFIX}${pinned.environment}/${toHex(await sha256(said)).slice(0, 16)}`);
  }

  get roots() {
    return this.#content.roots.map(bytesOf);
  }

  get timestamp() {
    return bytesOf(this.#content.timestamp);
  }

  get snapshot() {
    return bytesOf(this.#content.snapshot);
  }

  /** Remember verified files: `roots` from the pinned one on, `timestamp` or `snapshot`. */
  keep({ roots, ...others }) {
    const texts = Object.fromEntries(Object.entries(others).map(([role, data]) => [role, textOf(data)]));
    this.#content = { ...this.#content, ...(roots && { roots: roots.map(textOf) }), ...texts };
    if (this.remembers) this.remembers = this.#write(JSON.stringify(this.#content));
  }

  /** Whether there is a storage that can be written; what was in it, if it is of our form, is then the content. */
  #read() {
    try {
      this.#written = this.#storage.getItem(this.#key);
      if (this.#written !== null) this.#content = contentOf(this.#written);
      this.#storage.setItem(this.#key, this.#written ?? JSON.stringify(NOTHING));
      this.#written ??= JSON.stringify(NOTHING);
      return true;
    } catch {
      // No storage, none allowed, or none left: every browser words it differently.
      return false;
    }
  }

  /** Another page may have written meanwhile; what it saw is not overwritten with what may be older. */
  #write(text) {
    try {
      if (this.#storage.getItem(this.#key) !== this.#written) return true;
      this.#storage.setItem(this.#key, text);
      this.#written = text;
      return true;
    } catch {
      return false;
    }
  }
}

function contentOf(written) {
  const { roots, timestamp, snapshot } = JSON.parse(written);
  const texts = (value) => Array.isArray(value) && value.every((item) => typeof item === "string");
  const text = (value) => value === null || typeof value === "string";
  return texts(roots) && text(timestamp) && text(snapshot) ? { roots, timestamp, snapshot } : NOTHING;
}

function bytesOf(text) {
  return text === null ? null : new TextEncoder().encode(text);
}

function textOf(bytes) {
  return new TextDecoder().decode(bytes);
}
