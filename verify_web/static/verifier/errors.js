/**
 * Every refusal of the verifier; the names are those of `signing/errors.py`.
 *
 *     SigningError
 *     ├── FormatError
 *     │   ├── Malformed
 *     │   ├── DeltaMisfit          a delta of the status file that does not apply to the status at hand
 *     │   └── UnknownVersion       our container, in a version that this page does not know
 *     ├── FreshnessOutOfBounds     how old a status may be, set to what no verifier should take
 *     ├── InadmissibleKey          32 bytes that are no public key we would use
 *     ├── NotSignedByCustodians    too few custodians signed a file; no verdict rests on one
 *     └── VerificationError        well formed, but proves nothing; `reason` says why
 *         ├── NotSignedByRoot
 *         ├── WrongEnvironment
 *         ├── UnknownKey
 *         ├── BadSignature
 *         ├── WrongKeyKind
 *         ├── OutsideKeyRange
 *         ├── AfterKeyEnd
 *         └── KeyDistrusted
 */

export class SigningError extends Error {}

export class FormatError extends SigningError {}
export class Malformed extends FormatError {}
export class DeltaMisfit extends FormatError {}
export class UnknownVersion extends FormatError {}

export class FreshnessOutOfBounds extends SigningError {}
export class InadmissibleKey extends SigningError {}

export class NotSignedByCustodians extends SigningError {}

export class VerificationError extends SigningError {}
export class NotSignedByRoot extends VerificationError { reason = "no_trust_bundle"; }
export class WrongEnvironment extends VerificationError { reason = "wrong_environment"; }
export class UnknownKey extends VerificationError { reason = "unknown_key"; }
export class BadSignature extends VerificationError { reason = "bad_signature"; }
export class WrongKeyKind extends VerificationError { reason = "wrong_key_kind"; }
export class OutsideKeyRange extends VerificationError { reason = "outside_key_range"; }
export class AfterKeyEnd extends VerificationError { reason = "after_key_end"; }
export class KeyDistrusted extends VerificationError { reason = "key_distrusted"; }
