/**
 * SHA-256, SHA-512 (FIPS 180-4) and PBKDF2-HMAC-SHA-256 (RFC 8018 §5.2).
 *
 * WebCrypto does the work where the browser offers it. A page opened over plain HTTP gets no WebCrypto
 * (`crypto.subtle` is for secure contexts), so the same functions exist here in plain JavaScript.
 */

import { concat } from "./bytes.js";

const MASK_64 = (1n << 64n) - 1n;
const PRIMES = firstPrimes(80);
// FIPS 180-4 §4.2, §5.3: the first 64 bits of the fractional parts of cube roots and square roots of primes;
// SHA-256 uses the upper half of each.
const CUBE_ROOTS = PRIMES.map((prime) => root(BigInt(prime) << 192n, 3n) & MASK_64);
const SQUARE_ROOTS = PRIMES.slice(0, 8).map((prime) => root(BigInt(prime) << 128n, 2n) & MASK_64);
const K_256 = Uint32Array.from(CUBE_ROOTS.slice(0, 64), (value) => Number(value >> 32n));
const IV_256 = Uint32Array.from(SQUARE_ROOTS, (value) => Number(value >> 32n));

/** @param {Uint8Array} data @returns {Promise<Uint8Array>} 32 bytes */
export async function sha256(data) {
  const subtle = globalThis.crypto?.subtle;
  return subtle ? new Uint8Array(await subtle.digest("SHA-256", data)) : plainSha256(data);
}

/** @param {Uint8Array} data @returns {Promise<Uint8Array>} 64 bytes */
export async function sha512(data) {
  const subtle = globalThis.crypto?.subtle;
  return subtle ? new Uint8Array(await subtle.digest("SHA-512", data)) : plainSha512(data);
}

/** Return the first 32 bytes of PBKDF2-HMAC-SHA-256. */
export async function pbkdf2(password, salt, iterations) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return plainPbkdf2(password, salt, iterations);
  const key = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256));
}

export function plainSha256(data) {
  const state = IV_256.slice();
  absorb(state, padded(data, 64, data.length));
  return bytesOf(state);
}

export function plainSha512(data) {
  let state = SQUARE_ROOTS.slice();
  const message = padded(data, 128, data.length);
  const view = new DataView(message.buffer);
  for (let at = 0; at < message.length; at += 128) state = compress512(state, view, at);
  const digest = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => digest.setBigUint64(8 * i, word));
  return new Uint8Array(digest.buffer);
}

export function plainPbkdf2(password, salt, iterations) {
  const key = new Uint8Array(64);
  key.set(password.length > 64 ? plainSha256(password) : password);
  // The states after the two key blocks are the same in every HMAC: compute them once.
  const inner = IV_256.slice();
  const outer = IV_256.slice();
  absorb(inner, key.map((byte) => byte ^ 0x36));
  absorb(outer, key.map((byte) => byte ^ 0x5c));
  let u = hmac(inner, outer, concat(salt, Uint8Array.of(0, 0, 0, 1)));
  const sum = u.slice();
  for (let i = 1; i < iterations; i += 1) {
    u = hmac(inner, outer, u);
    for (let j = 0; j < 32; j += 1) sum[j] ^= u[j];
  }
  return sum;
}

function hmac(inner, outer, message) {
  const state = inner.slice();
  absorb(state, padded(message, 64, 64 + message.length));
  const result = outer.slice();
  absorb(result, padded(bytesOf(state), 64, 96));
  return bytesOf(result);
}

/** Append the padding of FIPS 180-4 §5.1: a one bit, zeros, and the bit length of all that was hashed. */
function padded(data, block, hashed) {
  const lengthSize = block / 8;
  const message = new Uint8Array(Math.ceil((data.length + 1 + lengthSize) / block) * block);
  message.set(data);
  message[data.length] = 0x80;
  new DataView(message.buffer).setBigUint64(message.length - 8, BigInt(hashed) * 8n);
  return message;
}

function bytesOf(state) {
  const view = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => view.setUint32(4 * i, word));
  return new Uint8Array(view.buffer);
}

function absorb(state, message) {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const w = new Uint32Array(64);
  for (let at = 0; at < message.length; at += 64) compress256(state, view, at, w);
}

function rotate32(word, by) {
  return (word >>> by) | (word << (32 - by));
}

function compress256(state, view, at, w) {
  for (let t = 0; t < 16; t += 1) w[t] = view.getUint32(at + 4 * t);
  for (let t = 16; t < 64; t += 1) {
    const s0 = rotate32(w[t - 15], 7) ^ rotate32(w[t - 15], 18) ^ (w[t - 15] >>> 3);
    const s1 = rotate32(w[t - 2], 17) ^ rotate32(w[t - 2], 19) ^ (w[t - 2] >>> 10);
    w[t] = w[t - 16] + s0 + w[t - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t += 1) {
    const sum1 = rotate32(e, 6) ^ rotate32(e, 11) ^ rotate32(e, 25);
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + K_256[t] + w[t]) | 0;
    const sum0 = rotate32(a, 2) ^ rotate32(a, 13) ^ rotate32(a, 22);
    const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0;
    d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] += word; });
}

function rotate64(word, by) {
  return (word >> by) | ((word << (64n - by)) & MASK_64);
}

function compress512(state, view, at) {
  const w = [];
  for (let t = 0; t < 16; t += 1) w.push(view.getBigUint64(at + 8 * t));
  for (let t = 16; t < 80; t += 1) {
    const s0 = rotate64(w[t - 15], 1n) ^ rotate64(w[t - 15], 8n) ^ (w[t - 15] >> 7n);
    const s1 = rotate64(w[t - 2], 19n) ^ rotate64(w[t - 2], 61n) ^ (w[t - 2] >> 6n);
    w.push((w[t - 16] + s0 + w[t - 7] + s1) & MASK_64);
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 80; t += 1) {
    const sum1 = rotate64(e, 14n) ^ rotate64(e, 18n) ^ rotate64(e, 41n);
    const t1 = h + sum1 + ((e & f) ^ ((MASK_64 ^ e) & g)) + CUBE_ROOTS[t] + w[t];
    const sum0 = rotate64(a, 28n) ^ rotate64(a, 34n) ^ rotate64(a, 39n);
    const t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = (d + t1) & MASK_64;
    d = c; c = b; b = a; a = (t1 + t2) & MASK_64;
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) & MASK_64);
}

function firstPrimes(count) {
  const primes = [];
  for (let n = 2; primes.length < count; n += 1) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  }
  return primes;
}

/** The integer part of the n-th root, by Newton's method from above. */
function root(value, n) {
  let x = 1n << (BigInt(value.toString(2).length) / n + 1n);
  for (;;) {
    const next = ((n - 1n) * x + value / x ** (n - 1n)) / n;
    if (next >= x) return x;
    x = next;
  }
}
