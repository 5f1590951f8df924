/**
 * What of the distribution is current: timestamp, snapshot and the roles below (docs/formats.md §12, steps 3 to 7).
 *
 * Each file is read in the same order: grammar and environment, then what an earlier file said of it, then signatures,
 * versions, and last its expiry.
 */

import { equal, fromHex } from "../verifier/bytes.js";
import { Malformed } from "../verifier/errors.js";
import { sha256 } from "../verifier/sha2.js";
import * as shape from "../verifier/shape.js";
import { DELEGATED } from "./layout.js";
import { asMetadata, descriptionOf, Metadata, object } from "./metadata.js";
import { DistributionRefused } from "./refusal.js";

export const MAX_BYTES = 64 * 2 ** 10;
export const TIMESTAMP = "tuf/timestamp.json";
const IN_SNAPSHOT = ["targets", ...DELEGATED].map((role) => `${role}.json`);

/** The timestamp offered, or the remembered one if that is of the same version. */
export async function openTimestamp(offered, remembered, root, { environment, now, memory }) {
  if (offered === null) throw new DistributionRefused("not_a_repository", TIMESTAMP);
  const role = root.role("timestamp");
  const read = (data) => timestampFrom(data, environment);
  const timestamp = read(offered);
  requireCurrent(root, now);
  await timestamp.requireSignedBy(role);
  const seen = await believed(remembered, read, role);
  if (seen !== null && timestamp.version === seen.version) {
    requireCurrent(seen, now);
    return seen;
  }
  if (seen !== null && (timestamp.version < seen.version || timestamp.snapshot.version < seen.snapshot.version)) {
    throw new DistributionRefused("rollback", TIMESTAMP);
  }
  requireCurrent(timestamp, now);
  memory.keep({ timestamp: offered });
  return timestamp;
}

/** The snapshot that the timestamp names; `fetched` gives its file. */
export async function openSnapshot(fetched, remembered, { root, timestamp, environment, now, memory }) {
  const role = root.role("snapshot");
  const { version } = timestamp.snapshot;
  const name = `tuf/${version}.snapshot.json`;
  const read = (data) => snapshotFrom(data, name, environment);
  const seen = await believed(remembered, read, role);
  if (seen !== null && seen.version === version) {
    requireCurrent(seen, now);
    return seen;
  }
  const data = await fetched(name, timestamp.snapshot.length);
  const snapshot = read(data);
  await requireMeant(data, name, timestamp.snapshot);
  await snapshot.requireSignedBy(role);
  requireVersion(snapshot, version);
  for (const [file, meta] of Object.entries(seen?.meta ?? {})) {
    if (!(snapshot.meta[file]?.version >= meta.version)) throw new DistributionRefused("rollback", name);
  }
  requireCurrent(snapshot, now);
  memory.keep({ snapshot: data });
  return snapshot;
}

/** Targets, top-level or delegated, as the snapshot names them; `role` says who must have signed. */
export async function openTargets(data, name, role, { meta, environment, now }) {
  const targets = Metadata.fromBytes(data, { name, kind: "targets", environment });
  asMetadata(name, () => requireTargets(targets.signed));
  await requireMeant(data, name, meta);
  await targets.requireSignedBy(role);
  requireVersion(targets, meta.version);
  requireCurrent(targets, now);
  return targets;
}

function timestampFrom(data, environment) {
  const timestamp = Metadata.fromBytes(data, { name: TIMESTAMP, kind: "timestamp", environment });
  timestamp.snapshot = asMetadata(TIMESTAMP, () => metaOf(object(timestamp.signed.meta)["snapshot.json"]));
  return timestamp;
}

function snapshotFrom(data, name, environment) {
  const snapshot = Metadata.fromBytes(data, { name, kind: "snapshot", environment });
  snapshot.meta = asMetadata(name, () => {
    const meta = object(snapshot.signed.meta);
    const files = [...new Set([...IN_SNAPSHOT, ...Object.keys(meta)])];
    return Object.fromEntries(files.map((file) => [file, metaOf(meta[file])]));
  });
  return snapshot;
}

/** What was remembered, if the keys that count now signed it; `null` otherwise. */
async function believed(remembered, read, role) {
  if (remembered === null) return null;
  try {
    const metadata = read(remembered);
    await metadata.requireSignedBy(role);
    return metadata;
  } catch (error) {
    if (error instanceof DistributionRefused) return null;
    throw error;
  }
}

/** What is said of another file of metadata: its version, and where given its length and SHA-256. */
function metaOf(value) {
  const { version, length, hashes } = object(value);
  return {
    version: shape.integer(version, 1),
    length: length === undefined ? MAX_BYTES : shape.integer(length),
    sha256: hashes === undefined ? null : descriptionOf({ hashes, length: length ?? 0 }).sha256,
  };
}

function requireTargets({ targets, delegations }) {
  for (const described of Object.values(object(targets))) descriptionOf(described);
  if (delegations === undefined) return;
  const names = shape.array(object(delegations).roles).map((role) => shape.text(object(role).name));
  if (new Set(names).size !== names.length) throw new Malformed("a role twice");
}

async function requireMeant(data, name, meta) {
  if (meta.sha256 !== null && !equal(await sha256(data), fromHex(meta.sha256))) {
    throw new DistributionRefused("mix_and_match", name);
  }
}

function requireVersion(metadata, version) {
  if (metadata.version !== version) throw new DistributionRefused("mix_and_match", metadata.name);
}

function requireCurrent(metadata, now) {
  if (now >= metadata.expiresAt) throw new DistributionRefused("expired", metadata.name);
}
