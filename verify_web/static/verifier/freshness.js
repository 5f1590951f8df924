/** How old a status may be: a policy of the verifier (docs/formats.md §8); the twin of `signing/freshness.py`. */

import { FreshnessOutOfBounds } from "./errors.js";

const DAY_SECONDS = 86_400;
const LOOSEST_DAYS = 365;

/**
 * From `noteDays` on an answer says how old the status is; beyond `maxDays` it can not tell.
 *
 * Throws `FreshnessOutOfBounds` unless 1 ≤ noteDays ≤ maxDays ≤ 365, both whole.
 */
export class Freshness {
  constructor(noteDays = 7, maxDays = 30) {
    const whole = Number.isInteger(noteDays) && Number.isInteger(maxDays);
    if (!(whole && noteDays >= 1 && noteDays <= maxDays && maxDays <= LOOSEST_DAYS)) {
      throw new FreshnessOutOfBounds(`a note from ${noteDays} days on, a limit of ${maxDays} days`);
    }
    this.noteDays = noteDays;
    this.maxDays = maxDays;
    Object.freeze(this);
  }

  /** @param {number} age in seconds */
  isStale(age) {
    return age >= this.noteDays * DAY_SECONDS;
  }

  /** @param {number} age in seconds */
  isTooOld(age) {
    return age > this.maxDays * DAY_SECONDS;
  }
}
