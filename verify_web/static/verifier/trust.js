/**
 * The trust bundle (docs/formats.md §6): which keys may sign what, and what the codes mean.
 *
 * `trust/keys` decides verdicts; `trust/names` only gives names to codes. That root keys signed the one is asked of
 * `root.js`, that custodians signed the other of `custody.js`.
 */

import { admit } from "./ed25519.js";
import { equal, toHex } from "./bytes.js";
import { decode } from "./cbor.js";
import { ALG_ED25519, KEY_ID_SIZE, keyId, Kind } from "./cose.js";
import { CUSTODIAN, openCustodianFile } from "./custody.js";
import { Malformed, WrongEnvironment } from "./errors.js";
import { logPolicies } from "./log_policy.js";
import { Profile } from "./number.js";
import { openSignedFile } from "./root.js";
import * as shape from "./shape.js";

const FORMAT = 1;
const SALT_SIZE = 16;
const DIGEST_SIZE = 16;

/** The content of `trust/keys`. Instants in seconds; keys, tombstones and honest lists by the hex text of the key id. */
export class TrustKeys {
  static async fromPayload(payload) {
    const items = shape.fieldsAndPerhaps(decode(payload), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 11);
    const keys = await Promise.all(shape.array(items.get(7)).map(keyEntry));
    const profiles = shape.array(items.get(8)).map((item) => new Profile(item));
    const tombstones = shape.array(items.get(9)).map(tombstone);
    const honest = shape.array(items.get(10)).map(honestList);
    const logs = await logPolicies(items.has(11) ? shape.array(items.get(11), 1) : []);
    shape.ascending(keys.map((key) => key.keyId));
    shape.ascending(profiles.map((profile) => profile.code));
    shape.ascending(tombstones.map(([id]) => id));
    shape.ascending(honest.map(([id]) => id));
    return Object.freeze(Object.assign(new TrustKeys(), heading(items), {
      expiresAt: shape.instant(items.get(5)),
      salt: shape.octets(items.get(6), SALT_SIZE),
      keys: new Map(keys.map((key) => [toHex(key.keyId), key])),
      profiles: new Map(profiles.map((profile) => [profile.code, profile])),
      tombstones: new Map(tombstones.map(([id, at]) => [toHex(id), at])),
      honest: new Map(honest.map(([id, digests]) => [toHex(id), new Set(digests.map(toHex))])),
      logs,
    }));
  }

  /** The entry of a key, or `null`. */
  key(id) {
    return this.keys.get(toHex(id)) ?? null;
  }

  /** The custodian keys in good standing, neither retired nor distrusted, by the hex text of the key id. */
  custodians() {
    const standing = [...this.keys].filter(
      ([id, key]) => key.kind === CUSTODIAN && !key.retired && !this.tombstones.has(id),
    );
    return new Map(standing.map(([id, key]) => [id, key.verifier]));
  }

  isDistrusted(id) {
    return this.tombstones.has(toHex(id));
  }

  /** Whether the digest of a token is in the honest list of a distrusted key. */
  vouchesFor(id, digest) {
    return this.honest.get(toHex(id))?.has(toHex(digest)) ?? false;
  }
}

/** The content of `trust/names`. Each look-up gives the name, or `null` for a code that has none. */
export class TrustNames {
  static fromPayload(payload) {
    const items = shape.fields(decode(payload), [1, 2, 3, 4, 6, 7, 8]);
    const rows = (place, ...questions) => shape.array(items.get(place)).map((row) => readRow(row, questions));
    const issuers = rows(6, shape.integer, shape.text, shape.text);
    const occupations = rows(7, shape.integer, shape.integer, shape.text);
    const directions = rows(8, shape.integer, shape.text);
    for (const table of [issuers, occupations, directions]) shape.ascending(table.map((row) => row.slice(0, -1)));
    const byCode = (table) => new Map(table.map((row) => [row.slice(0, -1).join(":"), row[row.length - 1]]));
    return Object.freeze(Object.assign(new TrustNames(), heading(items), {
      issuers: byCode(issuers), occupations: byCode(occupations), directions: byCode(directions),
    }));
  }

  /** @param {[number, string]} key profile code and issuer key */
  issuer(key) {
    return this.issuers.get(key.join(":")) ?? null;
  }

  /** @param {[number, number]} occupation edition and code */
  occupation(occupation) {
    return this.occupations.get(occupation.join(":")) ?? null;
  }

  direction(code) {
    return this.directions.get(String(code)) ?? null;
  }
}

/** `trust/keys` if the pinned root signed it for its environment; throws a `SigningError` otherwise. */
export async function openTrustKeys(data, root) {
  return ofEnvironment(await TrustKeys.fromPayload(await openSignedFile(data, root, Kind.TRUST_KEYS)), root);
}

/** `trust/names` if the custodians of `trust/keys` signed it for its environment; throws a `SigningError` otherwise. */
export async function openTrustNames(data, trust) {
  return ofEnvironment(TrustNames.fromPayload(await openCustodianFile(data, trust, Kind.TRUST_NAMES)), trust);
}

/** @param {{environment: string}} signer the root, or the trust keys */
function ofEnvironment(content, signer) {
  if (content.environment !== signer.environment) throw new WrongEnvironment(`made for ${content.environment}`);
  return content;
}

function heading(items) {
  shape.integer(items.get(1), FORMAT, FORMAT);
  return {
    environment: shape.environment(items.get(2)),
    version: shape.integer(items.get(3)),
    madeAt: shape.instant(items.get(4)),
  };
}

/** One key, admitted here and now: a bundle with a key that can not be admitted is no bundle. */
async function keyEntry(value) {
  const [id, kind, algorithm, publicBytes, firstEntry, lastEntry, lastOn, retired] = shape.array(value, 8, 8);
  shape.integer(algorithm, ALG_ED25519, ALG_ED25519);
  const verifier = admit(shape.octets(publicBytes, 32));
  if (!equal(shape.octets(id, KEY_ID_SIZE), await keyId(publicBytes))) throw new Malformed("key id is not the thumbprint");
  return Object.freeze({
    keyId: id,
    kind: shape.text(kind),
    verifier,
    firstEntry: shape.integer(firstEntry),
    lastEntry: shape.integer(lastEntry),
    lastOn: shape.day(lastOn),
    retired: shape.truth(retired),
  });
}

function tombstone(value) {
  const [id, distrustedAt] = shape.array(value, 2, 2);
  return [shape.octets(id, KEY_ID_SIZE), shape.instant(distrustedAt)];
}

function honestList(value) {
  const [id, joined] = shape.array(value, 2, 2);
  if (shape.content(joined).length % DIGEST_SIZE !== 0) throw new Malformed("honest list is not whole digests");
  const digests = [];
  for (let at = 0; at < joined.length; at += DIGEST_SIZE) digests.push(joined.subarray(at, at + DIGEST_SIZE));
  return [shape.octets(id, KEY_ID_SIZE), shape.ascending(digests)];
}

function readRow(row, questions) {
  return shape.array(row, questions.length, questions.length).map((item, i) => questions[i](item));
}
