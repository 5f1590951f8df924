/**
 * COSE_Sign1 (RFC 9052 §4.2) in the one form of docs/formats.md §2, read side.
 *
 * Names no key and trusts none: an envelope says which key id it claims, and whoever opens it looks that up.
 */

import { concat, equal, fromHex } from "./bytes.js";
import { decode, encode, TAG_COSE_SIGN1, Tagged } from "./cbor.js";
import { Malformed } from "./errors.js";
import { sha256 } from "./sha2.js";
import * as shape from "./shape.js";

/** Ed25519 in the COSE registry (RFC 9864). */
export const ALG_ED25519 = -19;
export const KEY_ID_SIZE = 4;
export const SIGNATURE_SIZE = 64;

/** What a signature is about; the second half of its external AAD. */
export const Kind = Object.freeze({
  CERTIFICATE: "certificate",
  STATUS: "status",
  TRUST_KEYS: "trust-keys",
  TRUST_NAMES: "trust-names",
});

const COSE_KEY_PREFIX = fromHex("a301012006215820");
const PROTECTED_PREFIX = fromHex("a201320444");

/** The first 4 bytes of the COSE key thumbprint (RFC 9679). @returns {Promise<Uint8Array>} */
export async function keyId(publicBytes) {
  return (await sha256(concat(COSE_KEY_PREFIX, publicBytes))).slice(0, KEY_ID_SIZE);
}

/** What is signed but not carried: `certreg/ENV/KIND/1` in ASCII. */
export function externalAad(environment, kind) {
  return new TextEncoder().encode(`certreg/${shape.environment(environment)}/${kind}/1`);
}

/** A COSE_Sign1 in our one form; `payload` is `null` where it is detached. Nothing in it is verified yet. */
export class Envelope {
  constructor(keyIdBytes, payload, signature) {
    this.keyId = keyIdBytes;
    this.payload = payload;
    this.signature = signature;
  }

  /** Read an envelope; `Malformed` unless it is exactly ours. */
  static fromBytes(data) {
    return Envelope.fromValue(decode(data));
  }

  /** Read an envelope that was decoded as part of something larger. */
  static fromValue(value) {
    const { protectedBytes, payload, signature } = parts(value);
    const size = PROTECTED_PREFIX.length + KEY_ID_SIZE;
    if (protectedBytes.length !== size || !equal(protectedBytes.subarray(0, PROTECTED_PREFIX.length), PROTECTED_PREFIX)) {
      throw new Malformed("protected header is not alg Ed25519 and a key id of 4 bytes");
    }
    shape.octets(signature, SIGNATURE_SIZE);
    return new Envelope(protectedBytes.slice(PROTECTED_PREFIX.length), payload, signature);
  }

  /** The bytes with this payload. */
  toBytesWith(payload) {
    return encode(new Tagged(TAG_COSE_SIGN1, [concat(PROTECTED_PREFIX, this.keyId), new Map(), payload, this.signature]));
  }

  /** The `Sig_structure`; `payload` is given for a detached one only. */
  signedBytes(environment, kind, payload = this.payload) {
    return encode(["Signature1", concat(PROTECTED_PREFIX, this.keyId), externalAad(environment, kind), payload]);
  }
}

/**
 * The carried payload of a COSE_Sign1 like ours but with any integer `alg` and any signature length.
 *
 * For recognising a container of a later version, never for verifying. Throws `Malformed` for everything else.
 */
export function payloadOfAnySuite(data) {
  const { protectedBytes, payload } = parts(decode(data));
  const header = shape.fields(decode(protectedBytes), [1, 4]);
  shape.integer(header.get(1), -Number.MAX_SAFE_INTEGER);
  shape.octets(header.get(4), KEY_ID_SIZE);
  return shape.content(payload);
}

function parts(value) {
  if (!(value instanceof Tagged)) throw new Malformed("not a tagged COSE_Sign1");
  const [protectedBytes, unprotected, payload, signature] = shape.array(value.value, 4, 4);
  shape.fields(unprotected, []);
  shape.content(protectedBytes);
  shape.content(signature);
  if (payload !== null) shape.content(payload);
  return { protectedBytes, payload, signature };
}
