/**
 * From the pinned root to the newest one (docs/formats.md §12, steps 1 and 2).
 *
 * Each version is signed by enough keys of the one before and of its own. The pinned root comes with the page.
 */

import { toHex } from "../verifier/bytes.js";
import { mldsaText, Root } from "../verifier/root.js";
import { MLDSA_KEYS } from "./grammar.js";
import { Metadata } from "./metadata.js";
import { DistributionRefused } from "./refusal.js";

export const MAX_ROOTS = 1024;

export const fileName = (version) => `tuf/${version}.root.json`;

/** The pinned root's own version, if it says what the pin says; throws `DistributionRefused`. */
export async function firstLink(pinned, data) {
  // 1. Metadata of a root, of the pinned environment and version?
  const link = await read(data, pinned.environment, pinned.version);
  if (link.version !== pinned.version) throw new DistributionRefused("root_out_of_order", link.name);
  // 2. Exactly the pinned keys and threshold, and those of ML-DSA-44 that the pin names?
  const role = link.role("root");
  if (keysOf(role) !== keysOf({ keys: pinned.verifiers }) || role.threshold !== pinned.threshold) {
    throw new DistributionRefused("wrong_root", link.name);
  }
  if (pinned.mldsa !== null && mldsaText(pinned.mldsa) !== mldsaText(link.signed[MLDSA_KEYS])) {
    throw new DistributionRefused("wrong_root", link.name);
  }
  // 3. Signed by enough of them? What else it says, the keys of the other roles, is theirs only then.
  await link.requireSignedBy(role);
  return link;
}

/** The next version of the root; throws `DistributionRefused` if it does not follow on `link`. */
export async function nextLink(link, data) {
  // 1. Metadata of a root, of the same environment?
  const following = await read(data, link.environment, link.version + 1);
  // 2. Signed by enough keys of the one before?
  await following.requireSignedBy(link.role("root"));
  // 3. The very next version?
  if (following.version !== link.version + 1) throw new DistributionRefused("root_out_of_order", following.name);
  // 4. And by enough of its own?
  await following.requireSignedBy(following.role("root"));
  return following;
}

/** The root that a link of the chain stands for, as the trust bundle is held against it. @returns {Promise<Root>} */
export function rootOf(link) {
  const { keys, threshold } = link.role("root");
  return Root.fromJson({
    format: "certreg-root/1",
    environment: link.environment,
    version: link.version,
    threshold,
    keys: [...keys.values()].map((key) => toHex(key.bytes)),
  });
}

async function read(data, environment, version) {
  const name = fileName(version);
  return Metadata.fromBytes(data, { name, kind: "root", environment });
}

function keysOf({ keys }) {
  return [...keys.values()].map((key) => toHex(key.bytes)).sort().join();
}

/**
 * All versions from the pinned one to the newest: those remembered, as far as they still verify, then those that `read`
 * gives until there is none. Throws `DistributionRefused`, `not_a_repository` if there is not even the pinned one.
 *
 * @param {function(string): Promise<?Uint8Array>} read a file by its name
 */
export async function walk(pinned, remembered, read) {
  const links = await believed(pinned, remembered);
  const next = () => pinned.version + links.length;
  // The first two at the same time: a visitor who remembers nothing needs both.
  const ahead = new Map();
  for (const version of links.length ? [next()] : [next(), next() + 1]) ahead.set(version, begun(read(fileName(version))));
  for (;;) {
    const data = await (ahead.get(next()) ?? read(fileName(next())));
    if (data === null && links.length === 0) throw new DistributionRefused("not_a_repository", fileName(next()));
    if (data === null) return links;
    if (links.length >= MAX_ROOTS) throw new DistributionRefused("too_large", fileName(next()));
    links.push(links.length === 0 ? await firstLink(pinned, data) : await nextLink(links.at(-1), data));
  }
}

async function believed(pinned, remembered) {
  const links = [];
  try {
    for (const data of remembered) {
      links.push(links.length === 0 ? await firstLink(pinned, data) : await nextLink(links.at(-1), data));
    }
  } catch (error) {
    if (!(error instanceof DistributionRefused)) throw error;
  }
  return links;
}

/** A promise that is awaited later, or never: its failure is no fault of the page until then. */
export function begun(promise) {
  promise.catch(() => {});
  return promise;
}
