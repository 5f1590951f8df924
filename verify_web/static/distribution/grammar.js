/**
 * The grammar of each kind of metadata (docs/formats.md §12); what `signing/metadata_grammar.py` requires.
 *
 * What is not exactly of it is refused before anything works with it. Members that nobody here knows are allowed, and
 * ignored. Every question throws `Malformed`, or `InadmissibleKey` for a key that could not be used.
 */

import { fromHex, toHex } from "../verifier/bytes.js";
import { admit } from "../verifier/ed25519.js";
import { Malformed } from "../verifier/errors.js";
import { requireMldsaKeys } from "../verifier/root.js";
import * as shape from "../verifier/shape.js";

export const DELEGATED = Object.freeze(["names", "status"]);
const TOP_LEVEL = ["root", "snapshot", "targets", "timestamp"];
const IN_SNAPSHOT = ["targets", ...DELEGATED].map((role) => `${role}.json`);
export const MLDSA_KEYS = "x-certreg-mldsa44";
const MAX_KEYS = 64;
const MAX_ROLE_KEYS = 16;
const KEY_ID = /^[0-9a-f]{8,64}$/;
const HEX = /^[0-9a-f]{64}$/;
const ROLE_NAME = /^[a-z][a-z0-9_-]{0,31}$/;
const PATTERN = /^[A-Za-z0-9._/*-]{1,256}$/;
const admitted = new Map();

const GRAMMARS = {
  root(signed) {
    require(Object.keys(object(signed.roles)).sort().join() === TOP_LEVEL.join());
    require(signed.consistent_snapshot === true);
    for (const name of TOP_LEVEL) roleOf(signed, name);
    if (MLDSA_KEYS in signed) {
      const holders = [...roleOf(signed, "root").keys.values()].map((key) => toHex(key.bytes));
      requireMldsaKeys(signed[MLDSA_KEYS], new Set(holders));
    }
  },

  timestamp(signed) {
    require(Object.keys(object(signed.meta)).join() === "snapshot.json");
    requireMeta(signed.meta["snapshot.json"]);
  },

  snapshot(signed) {
    const meta = object(signed.meta);
    require(IN_SNAPSHOT.every((file) => file in meta));
    Object.values(meta).forEach(requireMeta);
  },

  targets(signed) {
    for (const described of Object.values(object(signed.targets))) {
      requireSha256(object(described).hashes);
      shape.integer(described.length);
    }
    if (!("delegations" in signed)) return;
    const delegations = object(signed.delegations);
    require(!("succinct_roles" in delegations));
    const keys = keysOf(delegations.keys);
    const names = shape.array(delegations.roles, 0, MAX_KEYS).map((role) => requireDelegated(role, keys));
    require(new Set(names).size === names.length);
  },
};

/** Require the content of a file to be of its kind's grammar. */
export function requireGrammar(kind, signed) {
  GRAMMARS[kind](signed);
}

/** A top-level role of a root: `{keys, threshold}`, admitted keys by key id, no public key twice. */
export function roleOf(signed, name) {
  return role(object(signed.roles)[name], keysOf(signed.keys));
}

/** The role of a name that targets delegate to. */
export function delegatedRoleOf(signed, name) {
  const { keys, roles } = signed.delegations;
  return role(roles.find((one) => one.name === name), keysOf(keys));
}

export function object(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Malformed("not an object");
  return value;
}

export function text(pattern, value) {
  if (typeof value !== "string" || !pattern.test(value)) throw new Malformed("not a text of this form");
  return value;
}

export function keyId(value) {
  return text(KEY_ID, value);
}

export function require(holds) {
  if (!holds) throw new Malformed("not the grammar of metadata");
}

function requireDelegated(value, keys) {
  role(value, keys);
  require(typeof value.terminating === "boolean" && !("path_hash_prefixes" in value));
  for (const pattern of shape.array(value.paths)) text(PATTERN, pattern);
  require(!TOP_LEVEL.includes(value.name));
  return text(ROLE_NAME, value.name);
}

function role(value, keys) {
  const keyIds = shape.array(object(value).keyids, 1, MAX_ROLE_KEYS).map(keyId);
  require(keyIds.every((id) => keys.has(id)));
  // One key under two names would count twice.
  require(new Set(keyIds.map((id) => keys.get(id))).size === keyIds.length);
  const threshold = shape.integer(value.threshold, 1, keyIds.length);
  return { keys: new Map(keyIds.map((id) => [id, keyOf(keys.get(id))])), threshold };
}

/** Admitting a key takes milliseconds, and most roles share theirs. */
function keyOf(hex) {
  if (!admitted.has(hex)) admitted.set(hex, admit(fromHex(hex)));
  return admitted.get(hex);
}

function keysOf(value) {
  const entries = Object.entries(object(value));
  require(entries.length <= MAX_KEYS);
  return new Map(entries.map(([id, key]) => [keyId(id), publicOf(object(key))]));
}

function publicOf(key) {
  require(key.keytype === "ed25519" && key.scheme === "ed25519");
  return text(HEX, object(key.keyval).public);
}

/** What is said of another file of metadata: its version, and maybe its length and hash. */
function requireMeta(value) {
  const meta = object(value);
  shape.integer(meta.version, 1);
  if ("length" in meta) shape.integer(meta.length);
  if ("hashes" in meta) requireSha256(meta.hashes);
}

function requireSha256(value) {
  const hashes = object(value);
  require(Object.keys(hashes).join() === "sha256");
  text(HEX, hashes.sha256);
}
