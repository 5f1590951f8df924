// Reads a status payload, or applies a delta to one and reads the result, and writes the CPU times in milliseconds.
//
//   node status_decode.mjs REPEATS PAYLOAD [DELTA]

import { readFileSync } from "node:fs";

const VERIFIER = "../verify_web/static/verifier/";
const { Envelope } = await import(`${VERIFIER}cose.js`);
const { Status } = await import(`${VERIFIER}status.js`);
const { applyDelta } = await import(`${VERIFIER}status_delta.js`);

const [repeats, ...files] = process.argv.slice(2);
const [payload, delta] = files.map((file) => new Uint8Array(readFileSync(file)));
const held = delta && Status.fromPayload(payload);

function work() {
  return Status.fromPayload(delta ? Envelope.fromBytes(applyDelta(delta, held)).payload : payload);
}

work();
const times = Array.from({ length: Number(repeats) }, () => {
  const started = process.cpuUsage();
  work();
  return process.cpuUsage(started).user / 1000;
});
console.log(times.join(" "));
