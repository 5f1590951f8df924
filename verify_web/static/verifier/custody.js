/**
 * What custodians sign together (docs/formats.md §6); the same as `signing/custody.py`.
 *
 * Custodian keys are listed in `trust/keys`, so root keys decide who is one.
 */

import { NotSignedByCustodians } from "./errors.js";
import { readSignedFile } from "./root.js";

/** The kind of a custodian's key in `trust/keys`. */
export const CUSTODIAN = "custodian";
export const THRESHOLD = 2;

/**
 * The payload if enough different custodians in good standing signed it; throws `Malformed` or `NotSignedByCustodians`
 * otherwise.
 */
export async function openCustodianFile(data, trust, kind) {
  const { payload, signed } = await readSignedFile(data, trust.custodians(), trust.environment, kind);
  if (signed.size < THRESHOLD) throw new NotSignedByCustodians(`${signed.size} custodians, ${THRESHOLD} needed`);
  return payload;
}
