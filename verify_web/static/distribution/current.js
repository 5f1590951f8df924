/**
 * What of the distribution is current: timestamp, snapshot and the roles below (docs/formats.md §12, steps 3 to 7).
 *
 * Each file is read in the same order: grammar and environment, then what an earlier file said of it, then signatures,
 * versions, and last its expiry.
 */

import { equal, fromHex } from "../verifier/bytes.js";
import { sha256 } from "../verifier/sha2.js";
import { MAX_BYTES, Metadata } from "./metadata.js";
import { DistributionRefused } from "./refusal.js";

export const TIMESTAMP = "tuf/timestamp.json";

/** The timestamp offered, or the remembered one if that is of the same version. */
export async function openTimestamp(offered, remembered, root, { environment, now, memory }) {
  if (offered === null) throw new DistributionRefused("not_a_repository", TIMESTAMP);
  const role = root.role("timestamp");
  const read = (data) => Metadata.fromBytes(data, { name: TIMESTAMP, kind: "timestamp", environment });
  const timestamp = read(offered);
  requireCurrent(root, now);
  await timestamp.requireSignedBy(role);
  const seen = await believed(remembered, read, role);
  if (seen !== null && timestamp.version === seen.version) {
    requireCurrent(seen, now);
    return seen;
  }
  if (seen !== null && (timestamp.version < seen.version || snapshotMeta(timestamp).version < snapshotMeta(seen).version)) {
    throw new DistributionRefused("rollback", TIMESTAMP);
  }
  requireCurrent(timestamp, now);
  memory.keep({ timestamp: offered });
  return timestamp;
}

/** The snapshot that the timestamp names; `fetched` gives its file. */
export async function openSnapshot(fetched, remembered, { root, timestamp, environment, now, memory }) {
  const role = root.role("snapshot");
  const meta = snapshotMeta(timestamp);
  const { version } = meta;
  const name = `tuf/${version}.snapshot.json`;
  const read = (data) => Metadata.fromBytes(data, { name, kind: "snapshot", environment });
  const seen = await believed(remembered, read, role);
  if (seen !== null && seen.version === version) {
    requireCurrent(seen, now);
    return seen;
  }
  const data = await fetched(name, meta.length ?? MAX_BYTES);
  const snapshot = read(data);
  await requireMeant(data, name, meta);
  await snapshot.requireSignedBy(role);
  requireVersion(snapshot, version);
  for (const [file, before] of Object.entries(seen?.signed.meta ?? {})) {
    if (!(snapshot.signed.meta[file]?.version >= before.version)) throw new DistributionRefused("rollback", name);
  }
  requireCurrent(snapshot, now);
  memory.keep({ snapshot: data });
  return snapshot;
}

/** Targets, top-level or delegated, as the snapshot names them; `role` says who must have signed. */
export async function openTargets(data, name, role, { meta, environment, now }) {
  const targets = Metadata.fromBytes(data, { name, kind: "targets", environment });
  await requireMeant(data, name, meta);
  await targets.requireSignedBy(role);
  requireVersion(targets, meta.version);
  requireCurrent(targets, now);
  return targets;
}

function snapshotMeta(timestamp) {
  return timestamp.signed.meta["snapshot.json"];
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

async function requireMeant(data, name, meta) {
  if (meta.length !== undefined && data.length !== meta.length) throw new DistributionRefused("mix_and_match", name);
  if (meta.hashes !== undefined && !equal(await sha256(data), fromHex(meta.hashes.sha256))) {
    throw new DistributionRefused("mix_and_match", name);
  }
}

function requireVersion(metadata, version) {
  if (metadata.version !== version) throw new DistributionRefused("mix_and_match", metadata.name);
}

function requireCurrent(metadata, now) {
  if (now >= metadata.expiresAt) throw new DistributionRefused("expired", metadata.name);
}
