// Runs the page's verifier in Node on cases from standard input; writes its answers as JSON to standard output.
//
//   node node_runner.mjs ROOM [--without-webcrypto]  < cases.json
//
// ROOM is one of the functions below. Without WebCrypto the verifier falls back to its own arithmetic, as a browser
// makes it do on a page opened over plain HTTP.

import { readFileSync } from "node:fs";

if (process.argv.includes("--without-webcrypto")) {
  Object.defineProperty(globalThis, "crypto", { value: {} });
}

const VERIFIER = "../../verify_web/static/verifier/";
const DISTRIBUTION = "../../verify_web/static/distribution/";
const { fromHex, toHex } = await import(`${VERIFIER}bytes.js`);
const cbor = await import(`${VERIFIER}cbor.js`);
const cose = await import(`${VERIFIER}cose.js`);
const ed25519 = await import(`${VERIFIER}ed25519.js`);
const entrySet = await import(`${VERIFIER}entry_set.js`);
const errors = await import(`${VERIFIER}errors.js`);
const { Freshness } = await import(`${VERIFIER}freshness.js`);
const idcheck = await import(`${VERIFIER}idcheck.js`);
const link = await import(`${VERIFIER}link.js`);
const number = await import(`${VERIFIER}number.js`);
const { Root } = await import(`${VERIFIER}root.js`);
const { Status } = await import(`${VERIFIER}status.js`);
const { applyDelta, deltaName } = await import(`${VERIFIER}status_delta.js`);
const { openTrustKeys, openTrustNames } = await import(`${VERIFIER}trust.js`);
const canonicalJson = await import(`${DISTRIBUTION}canonical_json.js`);
const { refresh } = await import(`${DISTRIBUTION}client.js`);
const { Memory } = await import(`${DISTRIBUTION}memory.js`);
const { DistributionRefused, REFUSALS } = await import(`${DISTRIBUTION}refusal.js`);
const verdict = await import(`${VERIFIER}verdict.js`);

const bytesOrNull = (hex) => (hex === null ? null : fromHex(hex));

async function refusable(question) {
  try {
    return await question();
  } catch (error) {
    if (error instanceof errors.SigningError) return { refused: error.constructor.name };
    throw error;
  }
}

/** Remember what was opened: many cases share their root, and many all their files. */
function remembering(open) {
  const opened = new Map();
  return (...given) => {
    const key = JSON.stringify(given);
    if (!opened.has(key)) opened.set(key, open(...given));
    return opened.get(key);
  };
}

const rootOf = remembering((json) => Root.fromJson(json));
const publicState = remembering(async (root, keys, status, environment) => (
  verdict.openPublicState(await rootOf(root), bytesOrNull(keys), bytesOrNull(status), environment)
));

/** The files of a host, as `source.js` reads them, and what was asked for. */
class Host {
  constructor(files) {
    this.files = files;
    this.asked = [];
  }

  async read(name, most) {
    this.asked.push(name);
    if (!(name in this.files)) return null;
    const data = fromHex(this.files[name]);
    if (data.length > most) throw new DistributionRefused("too_large", name);
    return data;
  }
}

/** A browser's storage. */
class Cupboard {
  items = new Map();

  getItem = (key) => this.items.get(key) ?? null;

  setItem = (key, text) => this.items.set(key, text);
}

const rooms = {
  /** Admit a key, then verify a signature: by whatever the platform has, and by the reference. */
  async ed25519({ public: key, signature, message }) {
    let admitted;
    try {
      admitted = ed25519.admit(fromHex(key));
    } catch (error) {
      if (error instanceof errors.InadmissibleKey) return "inadmissible key";
      throw error;
    }
    const answers = [await admitted.verifyReference(fromHex(signature), fromHex(message))];
    answers.push(!(await refusable(() => admitted.verify(fromHex(signature), fromHex(message))))?.refused);
    if (answers[0] !== answers[1]) return `two answers: ${answers}`;
    return answers[0] ? "accept" : "reject";
  },

  /** Judge tokens against public files. */
  async judge({ root, keys, status, environment, tokens, freshness = [] }) {
    const policy = new Freshness(...freshness);
    const state = await publicState(root, keys, status, environment);
    const answers = [];
    for (const [token, now] of tokens) {
      const judged = await verdict.judge(fromHex(token), state, now, policy);
      const statement = judged.statement && toHex(judged.statement.toBytes());
      answers.push([judged.verdict, judged.reason, judged.asOf, judged.stale, statement]);
    }
    return answers;
  },

  /** Decode CBOR and give the bytes back, or say that it was refused. */
  cbor: (hex) => refusable(() => toHex(cbor.encode(cbor.decode(fromHex(hex))))),

  /** Read a set of entries and write it again. */
  entryset: ([count, gaps]) => refusable(() => {
    const sets = entrySet.fromValues([[count, fromHex(gaps)]]);
    const [[written, bits]] = entrySet.toValues(sets);
    return { entries: [...sets[0].entries], written: [written, toHex(bits)] };
  }),

  /** What a delta makes of the payload that is held. */
  delta: ([held, delta]) => refusable(() => toHex(applyDelta(fromHex(delta), Status.fromPayload(fromHex(held))))),

  deltaname: ([heldSince, now]) => deltaName(heldSince, now),

  freshness: ([noteDays, maxDays]) => refusable(() => ({ ...new Freshness(noteDays, maxDays) })),

  link: (text) => refusable(() => toHex(link.tokenFromText(text))),

  idcheck: async ({ salt, type, number: idNumber }) => (
    [idcheck.canonical(idNumber), await idcheck.idCheck(fromHex(salt), type, idNumber)]
  ),

  keyid: async (hex) => toHex(await cose.keyId(fromHex(hex))),

  root: (json) => refusable(async () => [...(await Root.fromJson(json)).verifiers.keys()]),

  trustnames: ({ root, keys, names }) => refusable(async () => {
    const trust = await openTrustKeys(fromHex(keys), await rootOf(root));
    return (await openTrustNames(fromHex(names), trust)).version;
  }),

  /** The texts of numbers, and their issuers' names. */
  async names({ root, keys, names, numbers, occupations, directions }) {
    const pinned = await Root.fromJson(root);
    const trust = await openTrustKeys(fromHex(keys), pinned);
    const { profiles } = trust;
    const known = await openTrustNames(fromHex(names), trust);
    const issuerOf = (packed) => {
      const key = number.issuerKey(packed, profiles);
      return key === null ? null : known.issuer(key);
    };
    return {
      numbers: numbers.map((hex) => [number.shown(fromHex(hex), profiles), issuerOf(fromHex(hex))]),
      occupations: occupations.map((occupation) => known.occupation(occupation)),
      directions: directions.map((direction) => known.direction(direction)),
    };
  },

  /** Visit distributions, one after the other, with one memory. */
  async distribution({ pin, visits }) {
    const pinned = await Root.fromJson(pin);
    const storage = new Cupboard();
    const outcomes = [];
    for (const { files, now } of visits) {
      const host = new Host(files);
      const memory = await Memory.of(pinned, storage);
      try {
        const { state } = await refresh(host, pinned, memory, now);
        outcomes.push({ status: state.status.version, root: memory.roots.length, asked: host.asked });
      } catch (error) {
        if (!(error instanceof DistributionRefused)) throw error;
        outcomes.push({ reason: error.reason, about: error.about });
      }
    }
    return outcomes;
  },

  /** Read JSON and give its canonical form, or say that it was refused. */
  canonicaljson: (hex) => refusable(() => toHex(canonicalJson.encode(canonicalJson.decode(fromHex(hex))))),

  refusals: () => REFUSALS,
  reasons: () => verdict.REASONS,
  probe: () => ed25519.webCryptoIsStrict(),

  /** The same where the platform's own Ed25519 accepts whatever it is asked, or knows no such algorithm. */
  probeOf({ answers }) {
    const verify = async () => { if (answers.length === 0) throw new Error("unknown"); return answers.shift(); };
    Object.defineProperty(globalThis, "crypto", { value: { subtle: { importKey: async () => null, verify } } });
    return ed25519.webCryptoIsStrict();
  },
};

const answers = [];
for (const input of JSON.parse(readFileSync(0, "utf8"))) answers.push(await rooms[process.argv[2]](input));
process.stdout.write(JSON.stringify(answers));
