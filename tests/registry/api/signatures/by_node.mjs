// Requests signed by the npm library http-message-signatures (dhensby, 1.0.6), frozen in by_node.json.
//
//   npm install http-message-signatures@1.0.6 && node by_node.mjs > by_node.json
//
// The private key is SHA-256("access S0002"), as in tests/registry/world.py.
import { createHash, createPrivateKey } from "node:crypto";
import signatures from "http-message-signatures";

const { httpbis, createSigner } = signatures;
const seed = createHash("sha256").update("access S0002").digest();
const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
const signer = createSigner(createPrivateKey({ key: der, format: "der", type: "pkcs8" }), "ed25519", process.argv[2]);
const created = new Date("2026-11-20T04:00:00Z");
const ALWAYS = ["@method", "@authority", "@path", "@query"];
const OF_CONTENT = ["content-digest", "content-type", "content-length"];

const content = '{"format":"certreg-submission/1"}';
const digest = (name) => `${name.replace("sha", "sha-")}=:${createHash(name).update(content).digest("base64")}:`;
const withContent = (name) => ({
  "Content-Type": "application/json",
  "Content-Length": String(Buffer.byteLength(content)),
  "Content-Digest": digest(name),
});

const requests = {
  "a GET with a query": ["GET", "https://register.example/v1/changes?limit=10&cursor=a%2Fb", {}, ""],
  "a GET without a query": ["GET", "https://register.example/v1/submissions", {}, ""],
  "a POST with sha-256": ["POST", "https://register.example/v1/submissions?x=1", withContent("sha256"), content],
  "a POST with sha-512": ["POST", "https://register.example/v1/submissions?x=1", withContent("sha512"), content],
  "a port, and an Idempotency-Key": [
    "DELETE", "https://Register.example:8443/v1/drafts/1?reason=%E9%87%8D%E5%A4%8D",
    { "Idempotency-Key": '"0123456789abcdef"' }, "",
  ],
};

const made = {};
let nonce = 0;
for (const [name, [method, url, headers, body]] of Object.entries(requests)) {
  const covered = [...ALWAYS, ...(body ? OF_CONTENT : []), ...("Idempotency-Key" in headers ? ["idempotency-key"] : [])];
  const signed = await httpbis.signMessage(
    {
      key: signer,
      name: "any",
      fields: covered,
      params: ["created", "keyid", "alg", "nonce", "tag", "expires"],
      paramValues: {
        created,
        expires: new Date(created.getTime() + 60_000),
        nonce: `nonce-of-request-${++nonce}`,
        tag: "certreg-api/test",
      },
    },
    { method, url, headers },
  );
  made[name] = { method, url, headers: signed.headers, content: body };
}
console.log(JSON.stringify(made, null, 2));
