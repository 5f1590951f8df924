/**
 * Ed25519 by the one strict rule of docs/formats.md §2.
 *
 * 64-byte signature; S < L; A and R canonical; A of prime order, tested once when a key is admitted; R not of small
 * order; and the cofactorless equation. WebCrypto does the daily work behind byte checks of R and S. Where it is
 * missing, or was found to answer by another equation, R' = S·B − k·A is recomputed here and compared byte by byte.
 *
 * Only verifies: there is no private key on this page, so nothing here needs to be constant-time.
 */

import { concat, equal, fromHex } from "./bytes.js";
import { BadSignature, InadmissibleKey } from "./errors.js";
import { sha512 } from "./sha2.js";

// RFC 8032 §5.1: the field, the order of the base point, and the curve's d.
const P = 2n ** 255n - 19n;
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * invert(121666n));
const SQRT_MINUS_1 = power(2n, (P - 1n) / 4n);
const SIGN_BIT = 1n << 255n;

const IDENTITY = [0n, 1n, 1n, 0n];
const BASE_POINT = decompress(fromHex(`58${"66".repeat(31)}`));

// The eight points of small order are those with y of 0, ±1, or ±(the y of the points of order 8). An encoding whose
// y is one of them is either such a point or no canonical point at all.
const Y_OF_ORDER_8 = littleEndian(fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"));
const SMALL_ORDER_Y = new Set([0n, 1n, P - 1n, Y_OF_ORDER_8, P - Y_OF_ORDER_8]);

/** A public key that was admitted; get one by `admit`. */
export class PublicKey {
  #point;

  #native = null;

  constructor(bytes, point) {
    this.bytes = bytes;
    this.#point = point;
  }

  /** Return if the signature holds over `message`; throw `BadSignature` otherwise. */
  async verify(signature, message) {
    const holds = isStrictlyEncoded(signature)
      && ((await webCryptoIsStrict()) ? await this.#verifyNatively(signature, message)
        : await this.verifyReference(signature, message));
    if (!holds) throw new BadSignature("the signature does not hold");
  }

  /** The whole rule in plain arithmetic; `true` or `false`. */
  async verifyReference(signature, message) {
    if (!isStrictlyEncoded(signature)) return false;
    const r = signature.subarray(0, 32);
    const s = littleEndian(signature.subarray(32));
    const k = littleEndian(await sha512(concat(r, this.bytes, message))) % L;
    const minusA = [mod(-this.#point[0]), this.#point[1], 1n, mod(-this.#point[3])];
    return equal(compress(sumOfProducts(s, BASE_POINT, k, minusA)), r);
  }

  async #verifyNatively(signature, message) {
    const { subtle } = globalThis.crypto;
    this.#native ??= subtle.importKey("raw", this.bytes, { name: "Ed25519" }, false, ["verify"]);
    return subtle.verify({ name: "Ed25519" }, await this.#native, signature, message);
  }
}

/** Admit 32 bytes as a key, or throw `InadmissibleKey`: a canonical encoding of a point of order L. */
export function admit(bytes) {
  const point = bytes.length === 32 ? decompress(bytes) : null;
  if (point === null) throw new InadmissibleKey("not a canonical point");
  if (isIdentity(point) || !isIdentity(multiply(L, point))) throw new InadmissibleKey("not of prime order");
  return new PublicKey(bytes.slice(), point);
}

/** The checks that need no curve: the length, S < L, R canonical and not of small order. */
function isStrictlyEncoded(signature) {
  if (signature.length !== 64) return false;
  const y = littleEndian(signature.subarray(0, 32)) & (SIGN_BIT - 1n);
  return y < P && !SMALL_ORDER_Y.has(y) && littleEndian(signature.subarray(32)) < L;
}

// A browser may lack Ed25519, or may verify with the cofactor, which accepts an R with a torsion part. Two signatures
// by one throw-away key tell: the first is honest; R of the second has a point of order 8 added, and only the
// equation with the cofactor accepts it.
const PROBE = {
  key: "694d8334ee3bb03fffe8810353374f5eddbf2cfd40a61c5123fbae7ddb8db8ab",
  message: "6365727469666963617465207061796c6f6164",
  honest: "72e6529f8c273f1fc66688cf15ab63195702c173034b6346c210131b79979127"
    + "1b640adcb5e8f1f2d7cac4d7aa935b76daf78dc2b179ede8905aa67f4be41600",
  torsion: "a30dfd54ab85e48310e670bec4f6b2019f8db8173920d16c47b543ace2935da0"
    + "6e824b67e519d7c44c1c4064a270a0129fd738ea2727b2cf0fbeec781fb3b50d",
};
let probed = null;

/** Whether this browser's own Ed25519 follows our rule; asked once. */
export function webCryptoIsStrict() {
  probed ??= probe();
  return probed;
}

async function probe() {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return false;
  try {
    const algorithm = { name: "Ed25519" };
    const key = await subtle.importKey("raw", fromHex(PROBE.key), algorithm, false, ["verify"]);
    const holds = (signature) => subtle.verify(algorithm, key, fromHex(signature), fromHex(PROBE.message));
    return (await holds(PROBE.honest)) && !(await holds(PROBE.torsion));
  } catch {
    // Every browser has its own error for an algorithm it does not know; the meaning is the same.
    return false;
  }
}

// Points are [X, Y, Z, T] with x = X/Z, y = Y/Z, xy = T/Z (RFC 8032 §5.1.4).

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = (y1 - x1) * (y2 - x2) % P;
  const b = (y1 + x1) * (y2 + x2) % P;
  const c = 2n * t1 * t2 % P * D % P;
  const d = 2n * z1 * z2 % P;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function double([x, y, z]) {
  const a = x * x % P;
  const b = y * y % P;
  const h = a + b;
  const e = h - (x + y) * (x + y);
  const g = a - b;
  const f = 2n * z * z + g;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function multiply(scalar, point) {
  return sumOfProducts(scalar, point, 0n, IDENTITY);
}

/** m·P + n·Q, both scalars read from the top at once. */
function sumOfProducts(m, p, n, q) {
  const both = add(p, q);
  const [mBits, nBits] = [m, n].map((scalar) => scalar.toString(2).padStart(256, "0"));
  let sum = IDENTITY;
  for (let i = 0; i < 256; i += 1) {
    sum = double(sum);
    if (mBits[i] === "1" && nBits[i] === "1") sum = add(sum, both);
    else if (mBits[i] === "1") sum = add(sum, p);
    else if (nBits[i] === "1") sum = add(sum, q);
  }
  return sum;
}

function isIdentity([x, y, z]) {
  return x === 0n && y === z;
}

/** RFC 8032 §5.1.3, with `null` for an encoding that is not canonical or not on the curve. */
function decompress(bytes) {
  const encoded = littleEndian(bytes);
  const sign = encoded >> 255n;
  const y = encoded & (SIGN_BIT - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n) % P;
  if (mod(v * x * x) !== u) x = x * SQRT_MINUS_1 % P;
  if (mod(v * x * x) !== u) return null;
  if (x === 0n && sign === 1n) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, x * y % P];
}

function compress([x, y, z]) {
  const inverse = invert(z);
  const encoded = mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n);
  return fromHex(encoded.toString(16).padStart(64, "0")).reverse();
}

function littleEndian(bytes) {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i]);
  return value;
}

function mod(value) {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(value, exponent) {
  let result = 1n;
  let square = mod(value);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = result * square % P;
    square = square * square % P;
  }
  return result;
}

function invert(value) {
  return power(value, P - 2n);
}
