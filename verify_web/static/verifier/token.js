/**
 * The token (docs/formats.md §3): a statement and the signature that makes it a certificate.
 *
 * A statement comes out of here only when its signature holds, so that no caller shows claims that nobody made.
 */

import { Envelope, Kind, payloadOfAnySuite } from "./cose.js";
import { AfterKeyEnd, KeyDistrusted, OutsideKeyRange, WrongKeyKind } from "./errors.js";
import { sha256 } from "./sha2.js";
import * as shape from "./shape.js";
import { requireKnownVersion, Statement } from "./statement.js";

const HONEST_DIGEST_SIZE = 16;

/** A well-formed token whose signature has not been checked; it does not show its statement. */
export class SealedToken {
  #envelope;

  #statement;

  constructor(envelope, statement) {
    this.#envelope = envelope;
    this.#statement = statement;
  }

  /** Read a token. Throws `UnknownVersion` for our container in another version, else `Malformed`. */
  static fromBytes(token) {
    // A later version may bring another suite, so its mark is looked for before our own form is asked for.
    requireKnownVersion(payloadOfAnySuite(token));
    const envelope = Envelope.fromBytes(token);
    return new SealedToken(envelope, Statement.fromBytes(shape.content(envelope.payload)));
  }

  /** The key that is said to have signed. */
  get keyId() {
    return this.#envelope.keyId;
  }

  /** The statement if the key signed it for this environment; throws `BadSignature` otherwise. */
  async open(key, environment) {
    await key.verifier.verify(this.#envelope.signature, this.#envelope.signedBytes(environment, Kind.CERTIFICATE));
    return this.#statement;
  }
}

/** Throw if the key was not, or is no longer, allowed to sign this; in the order of formats.md §8, line 5. */
export async function requireScope(token, statement, key, trust) {
  if (key.kind !== Kind.CERTIFICATE) throw new WrongKeyKind(`a key of kind ${key.kind}`);
  if (statement.entry < key.firstEntry || statement.entry > key.lastEntry) {
    throw new OutsideKeyRange(`entry ${statement.entry} is outside ${key.firstEntry}..${key.lastEntry}`);
  }
  if (statement.issuedOn > key.lastOn) throw new AfterKeyEnd("issued after the key's last day");
  if (trust.isDistrusted(key.keyId) && !trust.vouchesFor(key.keyId, await honestDigest(token))) {
    throw new KeyDistrusted("the key is distrusted");
  }
}

/** The first 16 bytes of SHA-256 of a token, its line in an honest list. */
export async function honestDigest(token) {
  return (await sha256(token)).slice(0, HONEST_DIGEST_SIZE);
}
