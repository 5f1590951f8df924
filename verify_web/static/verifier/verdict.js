/**
 * The verdict: one total order of checks (docs/formats.md §8), the first that applies decides.
 *
 * No doubt is shown as valid. The clock is passed in; nothing is fetched here. The content of a token leaves this room
 * only when its signature holds (lines 1 to 4 return no statement).
 */

import { FormatError, SigningError, UnknownVersion, VerificationError, WrongEnvironment } from "./errors.js";
import { Freshness } from "./freshness.js";
import { openStatus } from "./status.js";
import { requireScope, SealedToken } from "./token.js";
import { openTrustKeys } from "./trust.js";

export const Verdict = Object.freeze({
  VALID: "valid",
  SUSPENDED: "suspended",
  SUPERSEDED: "superseded",
  REVOKED: "revoked",
  NOT_GENUINE: "not_genuine",
  CANNOT_TELL: "cannot_tell",
});

/** Each reason and the verdict it leads to. */
export const REASONS = Object.freeze({
  malformed: Verdict.NOT_GENUINE,
  unknown_version: Verdict.CANNOT_TELL,
  no_trust_bundle: Verdict.CANNOT_TELL,
  wrong_environment: Verdict.CANNOT_TELL,
  trust_bundle_expired: Verdict.CANNOT_TELL,
  unknown_key: Verdict.NOT_GENUINE,
  key_not_known_yet: Verdict.CANNOT_TELL,
  bad_signature: Verdict.NOT_GENUINE,
  wrong_key_kind: Verdict.NOT_GENUINE,
  outside_key_range: Verdict.NOT_GENUINE,
  after_key_end: Verdict.NOT_GENUINE,
  key_distrusted: Verdict.NOT_GENUINE,
  no_status: Verdict.CANNOT_TELL,
  status_not_verifiable: Verdict.CANNOT_TELL,
  revoked: Verdict.REVOKED,
  superseded: Verdict.SUPERSEDED,
  not_issued: Verdict.NOT_GENUINE,
  not_released: Verdict.CANNOT_TELL,
  newer_than_status: Verdict.CANNOT_TELL,
  trust_bundle_outdated: Verdict.CANNOT_TELL,
  status_too_old: Verdict.CANNOT_TELL,
  clock_behind_status: Verdict.CANNOT_TELL,
  suspended: Verdict.SUSPENDED,
  valid: Verdict.VALID,
});

export const YOUNG_SECONDS = 86_400;
export const CLOCK_TOLERANCE_SECONDS = 600;

/**
 * Verify the public files once. Never refuses: a file in doubt is no file.
 *
 * @param {Root} root
 * @param {?Uint8Array} keysFile
 * @param {?Uint8Array} statusFile
 * @param {string} environment the verifier's own
 * @returns {Promise<{environment, trust: ?TrustKeys, status: ?Status, statusRefused: boolean, foreign: boolean}>}
 *   `foreign`: there is a bundle that the root signed, but for another environment
 */
export async function openPublicState(root, keysFile, statusFile, environment) {
  const state = { environment, trust: null, status: null, statusRefused: false, foreign: false };
  if (keysFile === null) return state;
  try {
    state.trust = await openTrustKeys(keysFile, root);
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    state.foreign = error instanceof WrongEnvironment;
    return state;
  }
  if (statusFile === null) return state;
  try {
    state.status = await openStatus(statusFile, state.trust);
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    state.statusRefused = true;
  }
  return state;
}

/**
 * What may be said of a token at `now` (seconds since 1970-01-01T00:00Z): the first line of formats.md §8 that applies.
 *
 * @param {Freshness} freshness how old a status the verifier takes for an answer
 * @returns {Promise<{verdict, reason, asOf: ?number, statement: ?Statement, stale: boolean}>} `asOf` is when the status
 *   was made that the verdict rests on; `stale` says that it was old enough for a note
 */
export async function judge(token, state, now, freshness = new Freshness()) {
  // 1. Is it a token?
  let sealed;
  try {
    sealed = SealedToken.fromBytes(token);
  } catch (error) {
    if (error instanceof UnknownVersion) return judgement("unknown_version");
    if (error instanceof FormatError) return judgement("malformed");
    throw error;
  }
  // 2. Have we a trust bundle for our environment, of today?
  const { trust, status } = state;
  if (state.foreign || (trust !== null && trust.environment !== state.environment)) return judgement("wrong_environment");
  if (trust === null) return judgement("no_trust_bundle");
  if (now >= trust.expiresAt) return judgement("trust_bundle_expired");
  // 3. Do we know the key?
  const key = trust.key(sealed.keyId);
  if (key === null) return ofUnknownKey(trust, status, now);
  let statement = null;
  try {
    // 4. Does the signature hold?
    statement = await sealed.open(key, state.environment);
    // 5. Was the key allowed to sign this?
    await requireScope(token, statement, key, trust);
  } catch (error) {
    if (error instanceof VerificationError) return judgement(error.reason, { statement });
    throw error;
  }
  // 6. Have we a status?
  if (status === null) return judgement(state.statusRefused ? "status_not_verifiable" : "no_status", { statement });
  // 7 to 11. What does it say of this entry?
  const age = now - status.madeAt;
  return judgement(byStatus(statement.entry, status, trust, age, freshness), {
    statement, asOf: status.madeAt, stale: freshness.isStale(age),
  });
}

function judgement(reason, { asOf = null, statement = null, stale = false } = {}) {
  return Object.freeze({ verdict: REASONS[reason], reason, asOf, statement, stale });
}

/** Line 3: a key is known to be none of ours only if this `trust-keys` is known to be the current one. */
function ofUnknownKey(trust, status, now) {
  const age = status === null ? Infinity : now - status.madeAt;
  const isCurrent = status !== null && status.trustKeysVersion === trust.version;
  if (isCurrent && age >= -CLOCK_TOLERANCE_SECONDS && age < YOUNG_SECONDS) {
    return judgement("unknown_key", { asOf: status.madeAt });
  }
  return judgement("key_not_known_yet");
}

function byStatus(entry, status, trust, age, freshness) {
  // 7. What is final, whatever the status's age.
  if (status.revoked.has(entry)) return "revoked";
  if (status.superseded.has(entry)) return "superseded";
  // 8. What is not, or not yet, a certificate.
  if (status.voided.has(entry)) return "not_issued";
  if (status.unreleased.has(entry)) return "not_released";
  if (entry > status.size) return "newer_than_status";
  // 9. What the trust bundle or the status is too old, or the clock too late, to say. A newer bundle may distrust the
  //    key that signed.
  if (status.trustKeysVersion > trust.version) return "trust_bundle_outdated";
  if (freshness.isTooOld(age)) return "status_too_old";
  if (age < -CLOCK_TOLERANCE_SECONDS) return "clock_behind_status";
  // 10. Suspension can be lifted, so an old status says nothing of it. 11. Nothing stands against it.
  return status.suspended.has(entry) ? "suspended" : "valid";
}
