/** Why a distribution is refused: the reasons of docs/formats.md §12, the same as in `signing/errors.py`. */

import { SigningError } from "../verifier/errors.js";

export const REFUSALS = Object.freeze([
  "unreachable",
  "not_a_repository",
  "incomplete",
  "too_large",
  "malformed_metadata",
  "wrong_environment",
  "wrong_root",
  "root_out_of_order",
  "threshold_not_met",
  "expired",
  "rollback",
  "mix_and_match",
  "wrong_delegation",
  "wrong_length_or_hash",
  "unusable_file",
]);

/** `about` is the name, under `public/`, of the file that showed it. */
export class DistributionRefused extends SigningError {
  constructor(reason, about) {
    super(`${reason}: ${about}`);
    this.reason = reason;
    this.about = about;
  }
}
