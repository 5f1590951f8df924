/**
 * The public files, fetched from this site and verified here (docs/formats.md §12).
 *
 * These are the only requests the page makes, and they are the same for every certificate. There is one way to the files:
 * through the distribution's metadata. Where it is refused, or is not there, nothing is believed, for whoever could take it
 * away could also put an old status in its place.
 */

import { refresh } from "../distribution/client.js";
import { Memory } from "../distribution/memory.js";
import { DistributionRefused } from "../distribution/refusal.js";
import { WebSource } from "../distribution/source.js";

/**
 * @param {number} now seconds since 1970-01-01T00:00Z
 * @returns {Promise<{state, names: ?TrustNames, refused: ?DistributionRefused, remembers: boolean}>} verified against the
 *   pinned root; `refused` says why there is nothing, `remembers` whether the next visit will know of this one
 */
export async function openPublicFiles(pinned, address, now) {
  const source = new WebSource(address);
  const memory = await Memory.of(pinned, storage());
  try {
    const { state, names } = await again(() => refresh(source, pinned, memory, now), () => (
      refresh(source.anew(), pinned, memory, now)
    ));
    return { state, names, refused: null, remembers: memory.remembers };
  } catch (error) {
    if (!(error instanceof DistributionRefused)) throw error;
    const state = { environment: pinned.environment, trust: null, status: null, statusRefused: false, foreign: false };
    return { state, names: null, refused: error, remembers: memory.remembers };
  }
}

/** What was refused may have come from the browser's cache: it is asked once more for all of it. */
async function again(first, second) {
  try {
    return await first();
  } catch (error) {
    if (!(error instanceof DistributionRefused) || error.reason === "unreachable") throw error;
    return second();
  }
}

/** The browser's storage, or `null` where it is forbidden to ask for one. */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
