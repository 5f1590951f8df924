/**
 * Which role of a distribution supplies which file (docs/formats.md §12, steps 6 and 7).
 *
 * Each file has one role; a distribution in which another could supply it, or tries to, is refused.
 */

import { DistributionRefused } from "./refusal.js";

export const KEYS = "trust/keys.cbor";
export const NAMES = "trust/names.cbor";
export const STATUS = "status/status.cbor";
export const SUPPLIERS = Object.freeze({ [KEYS]: "targets", [NAMES]: "names", [STATUS]: "status" });

/** The paths of each delegated role, if each file has exactly its own role; throws `wrong_delegation`. */
export function requireDelegations(targets) {
  const roles = targets.signed.delegations?.roles ?? [];
  const delegated = roles.map(({ name, paths }) => [name, paths]);
  for (const [path, supplier] of Object.entries(SUPPLIERS)) {
    const first = delegated.find(([, patterns]) => allows(patterns, path))?.[0] ?? "targets";
    const listed = path in targets.signed.targets;
    if (first !== supplier || listed !== (supplier === "targets")) {
      throw new DistributionRefused("wrong_delegation", path);
    }
  }
  return Object.fromEntries(delegated);
}

/** Throws `wrong_delegation` if a delegated role lists a file that its delegation does not allow, or not its own. */
export function requireWithin(targets, patterns, path) {
  const listed = Object.keys(targets.signed.targets);
  if (!listed.every((one) => allows(patterns, one))) throw new DistributionRefused("wrong_delegation", targets.name);
  if (!listed.includes(path)) throw new DistributionRefused("wrong_delegation", path);
}

/** Whether a path fits one of the patterns, in which `*` stands for anything but a slash. */
function allows(patterns, path) {
  return patterns.some((pattern) => {
    const literal = pattern.split("*").map((part) => part.replace(/[.]/g, "\\."));
    return new RegExp(`^${literal.join("[^/]*")}$`, "u").test(path);
  });
}
