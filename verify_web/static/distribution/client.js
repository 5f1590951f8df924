/**
 * A client of the distribution: from the pinned root to the three files, in the order of docs/formats.md §12.
 *
 * What can be fetched at the same time is. The clock is passed in. What was verified is remembered at once, so that a
 * later refusal forgets nothing.
 */

import { equal, fromHex } from "../verifier/bytes.js";
import { SigningError } from "../verifier/errors.js";
import { sha256 } from "../verifier/sha2.js";
import { openTrustNames } from "../verifier/trust.js";
import { openPublicState } from "../verifier/verdict.js";
import { openSnapshot, openTargets, openTimestamp, TIMESTAMP } from "./current.js";
import { DELEGATED } from "./grammar.js";
import { KEYS, NAMES, requireDelegations, requireWithin, STATUS, SUPPLIERS } from "./layout.js";
import { MAX_BYTES } from "./metadata.js";
import { DistributionRefused } from "./refusal.js";
import { begun, fileName, rootOf, walk } from "./root_chain.js";

// formats.md §6.
const MOST_BYTES = { [KEYS]: 16 * 2 ** 20, [NAMES]: 4 * 2 ** 20, [STATUS]: 16 * 2 ** 20 };

/**
 * Verify the distribution and open its files; throws `DistributionRefused`.
 *
 * @param source has `read(name, most, {changing})`
 * @param {Root} pinned
 * @param {Memory} memory
 * @param {number} now seconds since 1970-01-01T00:00Z
 * @returns {Promise<{state, names: TrustNames}>} what a verdict rests on
 */
export async function refresh(source, pinned, memory, now) {
  const { environment } = pinned;
  const offered = begun(source.read(TIMESTAMP, MAX_BYTES, { changing: true }));
  // 1., 2. The newest root. Whether there is a later one is asked anew each time.
  const read = (name) => source.read(name, MAX_BYTES, { changing: name !== fileName(pinned.version) });
  const links = await walk(pinned, memory.roots, read);
  memory.keep({ roots: links.map((link) => link.data) });
  const root = links.at(-1);
  // 3., 4. What is current.
  const given = { root, environment, now, memory };
  const timestamp = await openTimestamp(await offered, memory.timestamp, root, given);
  const snapshot = await openSnapshot(complete(source), memory.snapshot, { ...given, timestamp });
  // 5. to 7. Who says what of which file.
  const described = await descriptions(source, root, snapshot, given);
  // 8. The files that are meant.
  const files = await contents(source, described);
  // 9. Can a verdict rest on them?
  return opened(await rootOf(root), files);
}

/** Read a file that must be there. */
function complete(source) {
  return async (name, most) => {
    const data = await source.read(name, most);
    if (data === null) throw new DistributionRefused("incomplete", name);
    return data;
  };
}

/** What the roles say of each file, by its path; of all roles at the same time. */
async function descriptions(source, root, snapshot, { environment, now }) {
  const roles = ["targets", ...DELEGATED].map((role) => {
    const meta = snapshot.signed.meta[`${role}.json`];
    const name = `tuf/${meta.version}.${role}.json`;
    return { role, meta, name, data: begun(complete(source)(name, meta.length ?? MAX_BYTES)) };
  });
  const open = async ({ meta, name, data }, signers) => (
    openTargets(await data, name, signers, { meta, environment, now })
  );
  const [first, ...delegated] = roles;
  const targets = await open(first, root.role("targets"));
  const patterns = requireDelegations(targets);
  const listings = { targets };
  for (const one of delegated) {
    const path = Object.keys(SUPPLIERS).find((file) => SUPPLIERS[file] === one.role);
    listings[one.role] = await open(one, targets.delegatedRole(one.role));
    requireWithin(listings[one.role], patterns[one.role], path);
  }
  const said = ([path, role]) => [path, listings[role].signed.targets[path]];
  return new Map(Object.entries(SUPPLIERS).map(said));
}

/** The three files, fetched at the same time and looked at in order. */
async function contents(source, described) {
  const fetched = [...described].map(([path, meant]) => [
    path, begun(path === STATUS ? statusFile(source, path, meant) : file(source, path, meant)),
  ]);
  const files = new Map();
  for (const [path, content] of fetched) files.set(path, await content);
  return files;
}

/** The status that is meant. The only place where one is fetched. */
function statusFile(source, path, meant) {
  return file(source, path, meant);
}

async function file(source, path, { hashes: { sha256: hash }, length }) {
  if (length > MOST_BYTES[path]) throw new DistributionRefused("too_large", path);
  const content = await orAnother("too_large", "wrong_length_or_hash", path, () => source.read(hashed(path, hash), length));
  if (content === null) throw new DistributionRefused("incomplete", path);
  if (content.length !== length || !equal(await sha256(content), fromHex(hash))) {
    throw new DistributionRefused("wrong_length_or_hash", path);
  }
  return content;
}

/** The name of exactly this content, beside the plain one. */
function hashed(path, hash) {
  const at = path.lastIndexOf("/") + 1;
  return `${path.slice(0, at)}${hash}.${path.slice(at)}`;
}

async function orAnother(reason, told, path, act) {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DistributionRefused && error.reason === reason) throw new DistributionRefused(told, path);
    throw error;
  }
}

async function opened(root, files) {
  const state = await openPublicState(root, files.get(KEYS), files.get(STATUS), root.environment);
  if (state.trust === null) throw new DistributionRefused("unusable_file", KEYS);
  if (state.status === null) throw new DistributionRefused("unusable_file", STATUS);
  try {
    return { state, names: await openTrustNames(files.get(NAMES), state.trust) };
  } catch (error) {
    if (error instanceof SigningError) throw new DistributionRefused("unusable_file", NAMES);
    throw error;
  }
}
