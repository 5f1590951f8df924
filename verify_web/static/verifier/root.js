/**
 * The pinned root, and the files it signs (docs/formats.md §6).
 *
 * The root comes with the page, never from the files. Nothing of a file is used before enough keys of the root have
 * signed it.
 */

import { admit } from "./ed25519.js";
import { fromHex, toHex } from "./bytes.js";
import { decode } from "./cbor.js";
import { Envelope, keyId } from "./cose.js";
import { BadSignature, Malformed, NotSignedByRoot } from "./errors.js";
import * as shape from "./shape.js";

const FORMAT = "certreg-root/1";
const MLDSA_MEMBER = "mldsa44";
const MEMBERS = ["environment", "format", "keys", "threshold", "version"];
const MAX_KEYS = 16;
const HOLDER = /^[0-9a-f]{64}$/;
const MLDSA_KEY = /^[0-9a-f]{2624}$/;

/**
 * Require the ML-DSA-44 keys that a root names for the holders of its keys; throws `Malformed`. No browser can verify
 * by them: the page goes by Ed25519 alone, and only sees that they are well formed.
 *
 * @param {Set<string>} holders the root's Ed25519 keys, in hexadecimal digits
 */
export function requireMldsaKeys(value, holders) {
  if (!isObject(value) || Object.keys(value).sort().join() !== "keys,threshold" || !isObject(value.keys)) {
    throw new Malformed("not the ML-DSA-44 keys of a root");
  }
  const { keys } = value;
  for (const [holder, key] of Object.entries(keys)) {
    if (!HOLDER.test(holder) || typeof key !== "string" || !MLDSA_KEY.test(key) || !holders.has(holder)) {
      throw new Malformed("not an ML-DSA-44 key of a holder");
    }
  }
  const found = Object.values(keys);
  if (new Set(found).size !== found.length) throw new Malformed("one ML-DSA-44 key of two holders");
  shape.integer(value.threshold, 1, found.length);
}

/** One text for one set of such keys, whatever the order in which they were written. */
export function mldsaText(value) {
  return JSON.stringify([value?.threshold, Object.entries(value?.keys ?? {}).sort()]);
}

/**
 * `verifiers` are the admitted keys by the hexadecimal text of their key id; `mldsa` is what the pin says of ML-DSA-44
 * keys, `null` if it says nothing.
 */
export class Root {
  /**
   * Read a root file that `JSON.parse` took apart.
   *
   * @returns {Promise<Root>}
   * Throws `Malformed` or `InadmissibleKey` if it could not serve as one.
   */
  static async fromJson(json) {
    const members = Object.keys(json ?? {}).filter((name) => name !== MLDSA_MEMBER).sort().join();
    if (members !== MEMBERS.join() || json.format !== FORMAT) throw new Malformed("not a root of this format");
    const keys = shape.array(json.keys, 1, MAX_KEYS);
    const verifiers = new Map();
    for (const hex of keys) {
      const key = admit(shape.octets(fromHex(hex), 32));
      verifiers.set(toHex(await keyId(key.bytes)), key);
    }
    if (verifiers.size !== keys.length) throw new Malformed("a root key twice");
    if (MLDSA_MEMBER in json) requireMldsaKeys(json[MLDSA_MEMBER], new Set(keys));
    return Object.freeze(Object.assign(new Root(), {
      environment: shape.environment(json.environment),
      version: shape.integer(json.version, 1),
      threshold: shape.integer(json.threshold, 1, keys.length),
      verifiers,
      mldsa: json[MLDSA_MEMBER] ?? null,
    }));
  }
}

/** The payload if enough different root keys signed it; throws `Malformed` or `NotSignedByRoot` otherwise. */
export async function openSignedFile(data, root, kind) {
  const { payload, signed } = await readSignedFile(data, root.verifiers, root.environment, kind);
  if (signed.size < root.threshold) throw new NotSignedByRoot(`${signed.size} root keys, ${root.threshold} needed`);
  return payload;
}

/**
 * A payload with detached signatures, and which of the given keys signed it; throws `Malformed`. How many are enough is
 * for the caller to say.
 *
 * @param {Map} verifiers admitted keys by the hexadecimal text of their key id
 * @returns {Promise<{payload: Uint8Array, signed: Set<string>}>}
 */
export async function readSignedFile(data, verifiers, environment, kind) {
  const [payload, signatures] = shape.array(decode(data), 2, 2);
  shape.content(payload);
  const envelopes = shape.array(signatures, 1, MAX_KEYS).map((item) => Envelope.fromValue(item));
  if (envelopes.some((envelope) => envelope.payload !== null)) throw new Malformed("signature is not detached");
  const signed = new Set();
  for (const envelope of envelopes) {
    const key = verifiers.get(toHex(envelope.keyId));
    if (key === undefined) continue;
    if (await holds(key, envelope.signature, envelope.signedBytes(environment, kind, payload))) {
      signed.add(toHex(envelope.keyId));
    }
  }
  return { payload, signed };
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

async function holds(key, signature, signedBytes) {
  try {
    await key.verify(signature, signedBytes);
    return true;
  } catch (error) {
    if (error instanceof BadSignature) return false;
    throw error;
  }
}
