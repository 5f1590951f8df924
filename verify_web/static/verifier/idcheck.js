/**
 * The ID check (docs/formats.md §5): 12 bits over ID type and number.
 *
 * A match is not an identification: one number in 4,096 passes by chance. What is typed stays in the page.
 */

import { pbkdf2 } from "./sha2.js";

const ITERATIONS = 100_000;

/** The canonical form of an ID number: half-width, Ⅹ as X, no white space, ASCII letters upper-case. */
export function canonical(number) {
  return number
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\u2169\u2179]/g, "X")
    .replace(/[\u0009-\u000d\u0020\u00a0\u3000]/g, "")
    .replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** @param {Uint8Array} salt @param {string} idType @param {string} number @returns {Promise<number>} 0 to 4095 */
export async function idCheck(salt, idType, number) {
  const text = new TextEncoder().encode(`${idType}:${canonical(number)}`);
  const derived = await pbkdf2(text, salt, ITERATIONS);
  return (derived[0] << 4) | (derived[1] >> 4);
}
