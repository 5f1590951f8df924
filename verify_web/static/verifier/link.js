/** The QR's text (docs/formats.md §10): whatever prefix, `#`, and the token as one decimal integer. */

import { fromBigInt } from "./bytes.js";
import { Malformed } from "./errors.js";

// What the largest QR symbol holds in numeric mode.
const MAX_DIGITS = 7089;

/** The token in a QR's text, an address, or `location.hash`. Throws `Malformed`. */
export function tokenFromText(text) {
  const at = text.indexOf("#");
  const digits = at < 0 ? "" : text.slice(at + 1);
  if (digits.length > MAX_DIGITS || !/^[1-9][0-9]*$/.test(digits)) throw new Malformed("no certificate in the address");
  return fromBigInt(BigInt(digits));
}
