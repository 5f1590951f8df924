/**
 * Metadata of the distribution (docs/formats.md §12): grammar, environment, and who signed.
 *
 * Nothing here says whether a file is current or belongs to another: see `root_chain.js` and `current.js`.
 */

import { fromHex } from "../verifier/bytes.js";
import { BadSignature, InadmissibleKey, Malformed } from "../verifier/errors.js";
import * as shape from "../verifier/shape.js";
import { decode, encode } from "./canonical_json.js";
import { delegatedRoleOf, keyId, object, require, requireGrammar, roleOf, text } from "./grammar.js";
import { DistributionRefused } from "./refusal.js";

export const MAX_BYTES = 64 * 2 ** 10;
const ENVIRONMENT = "x-certreg-environment";
const MEMBERS = ["_type", "spec_version", "version", "expires", ENVIRONMENT];
const MAX_SIGNATURES = 64;
const SPEC_VERSION = /^1\.[0-9]{1,4}(\.[0-9]{1,4})?$/;
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
// Of Ed25519, and of ML-DSA-44 where a root names such keys: no browser can verify those, they are passed by.
const SIGNATURE = /^[0-9a-f]{128}$|^[0-9a-f]{4840}$/;

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
      requireGrammar(kind, signed);
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
  async requireSignedBy({ keys, threshold }) {
    const holds = await Promise.all([...keys].map(([id, key]) => this.#isSignedBy(id, key)));
    if (holds.filter(Boolean).length < threshold) throw new DistributionRefused("threshold_not_met", this.name);
  }

  /** A role of this root's. */
  role(name) {
    return roleOf(this.signed, name);
  }

  /** A role that these targets delegate to. */
  delegatedRole(name) {
    return delegatedRoleOf(this.signed, name);
  }

  async #isSignedBy(id, key) {
    if (!this.signatures.has(id)) return false;
    try {
      await key.verify(this.signatures.get(id), this.signedBytes);
      return true;
    } catch (error) {
      if (error instanceof BadSignature) return false;
      throw error;
    }
  }
}

function asMetadata(name, read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof InadmissibleKey)) throw error;
    throw new DistributionRefused("malformed_metadata", name);
  }
}

function signaturesOf(value) {
  const read = new Map();
  for (const item of shape.array(value, 0, MAX_SIGNATURES)) {
    require(Object.keys(object(item)).sort().join() === "keyid,sig" && !read.has(item.keyid));
    read.set(keyId(item.keyid), fromHex(text(SIGNATURE, item.sig)));
  }
  return read;
}

/** Seconds since 1970-01-01T00:00Z; a day that the calendar does not have is none, nor is the year 0. */
function instant(value) {
  const at = Date.parse(text(INSTANT, value));
  require(!Number.isNaN(at) && new Date(at).toISOString() === value.replace("Z", ".000Z") && value >= "0001");
  return at / 1000;
}
