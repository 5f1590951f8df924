/**
 * The public files, fetched from this site and verified here.
 *
 * These are the only requests the page makes, and they are the same for every certificate. A file that does not come is
 * no file; what follows from that is for the verdict to say.
 */

import { SigningError } from "../verifier/errors.js";
import { openTrustNames } from "../verifier/trust.js";
import { openPublicState } from "../verifier/verdict.js";

/** @returns {Promise<{state, names: ?TrustNames}>} verified against the pinned root */
export async function openPublicFiles(root, address) {
  const [keys, status, names] = await Promise.all(
    ["trust/keys.cbor", "status/status.cbor", "trust/names.cbor"].map((file) => fetched(address + file)),
  );
  const state = await openPublicState(root, keys, status, root.environment);
  return { state, names: await verifiedNames(names, state.trust) };
}

async function verifiedNames(data, trust) {
  if (data === null || trust === null) return null;
  try {
    return await openTrustNames(data, trust);
  } catch (error) {
    if (error instanceof SigningError) return null;
    throw error;
  }
}

async function fetched(address) {
  try {
    const response = await fetch(address, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" });
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
  } catch {
    // No network. Every browser words it differently.
    return null;
  }
}
