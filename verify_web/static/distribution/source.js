/**
 * Where the page reads a distribution from: this site's public files.
 *
 * Nothing read here is believed. Names that hold a version or a hash stand for one content for ever, so the browser's
 * own cache may answer for them; everything else is asked for anew.
 */

import { concat } from "../verifier/bytes.js";
import { DistributionRefused } from "./refusal.js";

const SILENCE_MILLISECONDS = 20_000;
const MISSING = [403, 404, 410];

export class WebSource {
  /** @param {string} address ends with a slash @param {string} caching how to ask for what never changes */
  constructor(address, caching = "force-cache") {
    this.address = address;
    this.caching = caching;
  }

  /** The same source, without the browser's cache: what lies there may be what was refused. */
  anew() {
    return new WebSource(this.address, "reload");
  }

  /**
   * A file, or `null` if there is none; throws `DistributionRefused`: `unreachable`, or `too_large` for more than
   * `most` bytes. `changing` is said of a file that may be another one next time.
   */
  async read(name, most, { changing = false } = {}) {
    try {
      const response = await fetch(this.address + name, {
        cache: changing ? "no-cache" : this.caching,
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout?.(SILENCE_MILLISECONDS),
      });
      if (MISSING.includes(response.status)) return null;
      if (!response.ok) throw new DistributionRefused("unreachable", name);
      return await bounded(response, most, name);
    } catch (error) {
      if (error instanceof DistributionRefused) throw error;
      // No network, no answer in time, or a redirect. Every browser words it differently.
      throw new DistributionRefused("unreachable", name);
    }
  }
}

async function bounded(response, most, name) {
  const reader = response.body.getReader();
  const chunks = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(...chunks);
    chunks.push(value);
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new DistributionRefused("too_large", name);
    }
  }
}
