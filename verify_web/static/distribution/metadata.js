/**
 * Metadata of the distribution (docs/formats.md §12): grammar, environment, keys, roles, and who signed.
 *
 * Nothing here says whether a file is current or belongs to another: see `root_chain.js` and `client.js`.
 */

import { fromHex } from "../verifier/bytes.js";
import { admit } from "../verifier/ed25519.js";
import { BadSignature, InadmissibleKey, Malformed } from "../verifier/errors.js";
import * as shape from "../verifier/shape.js";
import { decode, encode } from "./canonical_json.js";
import { DistributionRefused } from "./refusal.js";

const ENVIRONMENT = "x-certreg-environment";
const MEMBERS = ["_type", "spec_version", "version", "expires", ENVIRONMENT];
const MAX_KEYS = 64;
const MAX_ROLE_KEYS = 16;
const MAX_SIGNATURES = 64;
const SPEC_VERSION = /^1\.[0-9]{1,4}(\.[0-9]{1,4})?$/;
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
const KEY_ID = /^[0-9a-f]{8,64}$/;
const PUBLIC = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;
const admitted = new Map();

/** One file of metadata, not verified yet. `expiresAt` is in seconds; `signatures` are by key id. */
export class Metadata {
  /** Read a file that must be of a kind and of our environment; throws `DistributionRefused`. */
  static fromBytes(data, { name, kind, environment }) {
    const read = asMetadata(name, () => {
      const content = object(decode(data));
      require(Object.keys(content).sort().join() === "signatures,signed");
      const signed = object(content.signed);
      require(MEMBERS.every((member) => member in signed) && signed._type === kind);
      text(SPEC_VERSION, signed.spec_version);
      return Object.assign(new Metadata(), {
        name,
        data,
        signed,
        environment: shape.environment(signed[ENVIRONMENT]),
        version: shape.integer(signed.version, 1),
        expiresAt: instant(signed.expires),
        signedBytes: encode(signed),
        signatures: signaturesOf(content.signatures),
      });
    });
    if (read.environment !== environment) throw new DistributionRefused("wrong_environment", name);
    return read;
  }

  /** Throws `threshold_not_met` unless enough different keys of the role signed this. */
  async requireSignedBy(role) {
    const holds = await Promise.all([...role.keys].map(([keyId, key]) => this.#isSignedBy(keyId, key)));
    if (holds.filter(Boolean).length < role.threshold) throw new DistributionRefused("threshold_not_met", this.name);
  }

  /** A role of this root's; throws `malformed_metadata` if there is none that could serve. */
  role(name) {
    return asMetadata(this.name, () => roleOf(object(this.signed.roles)[name], keysOf(this.signed.keys)));
  }

  /** A role that these targets delegate to; throws `malformed_metadata` as `role` does. */
  delegatedRole(name) {
    return asMetadata(this.name, () => {
      const { keys, roles } = object(this.signed.delegations);
      return roleOf(roles.find((role) => role.name === name), keysOf(keys));
    });
  }

  async #isSignedBy(keyId, key) {
    if (!this.signatures.has(keyId)) return false;
    try {
      await key.verify(this.signatures.get(keyId), this.signedBytes);
      return true;
    } catch (error) {
      if (error instanceof BadSignature) return false;
      throw error;
    }
  }
}

/** What metadata says of a file: its SHA-256 and length; throws `Malformed`. */
export function descriptionOf(value) {
  const described = object(value);
  return { sha256: text(PUBLIC, object(described.hashes).sha256), length: shape.integer(described.length) };
}

/** Do something with the content of a file; what is not of its grammar is `malformed_metadata`. */
export function asMetadata(name, act) {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof InadmissibleKey)) throw error;
    throw new DistributionRefused("malformed_metadata", name);
  }
}

export function object(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Malformed("not an object");
  return value;
}

function roleOf(value, keys) {
  const role = object(value);
  const keyIds = shape.array(role.keyids, 1, MAX_ROLE_KEYS).map((keyId) => text(KEY_ID, keyId));
  require(keyIds.every((keyId) => keys.has(keyId)));
  // One key under two names would count twice.
  require(new Set(keyIds.map((keyId) => keys.get(keyId))).size === keyIds.length);
  return {
    keys: new Map(keyIds.map((keyId) => [keyId, keyOf(keys.get(keyId))])),
    threshold: shape.integer(role.threshold, 1, keyIds.length),
  };
}

/** Admitting a key takes milliseconds, and most roles share theirs. */
function keyOf(hex) {
  if (!admitted.has(hex)) admitted.set(hex, admit(fromHex(hex)));
  return admitted.get(hex);
}

function keysOf(value) {
  const entries = Object.entries(object(value));
  require(entries.length <= MAX_KEYS);
  return new Map(entries.map(([keyId, item]) => {
    const key = object(item);
    require(key.keytype === "ed25519" && key.scheme === "ed25519");
    return [text(KEY_ID, keyId), text(PUBLIC, object(key.keyval).public)];
  }));
}

function signaturesOf(value) {
  const read = new Map();
  for (const item of shape.array(value, 0, MAX_SIGNATURES)) {
    require(Object.keys(object(item)).sort().join() === "keyid,sig" && !read.has(item.keyid));
    read.set(text(KEY_ID, item.keyid), fromHex(text(SIGNATURE, item.sig)));
  }
  return read;
}

/** Seconds since 1970-01-01T00:00Z; a day that the calendar does not have is none. */
function instant(value) {
  const at = Date.parse(text(INSTANT, value));
  require(!Number.isNaN(at) && new Date(at).toISOString() === value.replace("Z", ".000Z"));
  return at / 1000;
}

function text(pattern, value) {
  if (typeof value !== "string" || !pattern.test(value)) throw new Malformed("not a text of this form");
  return value;
}

function require(holds) {
  if (!holds) throw new Malformed("not the grammar of metadata");
}
