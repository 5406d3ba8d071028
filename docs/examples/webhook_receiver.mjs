// Receives a host's webhooks with nothing but Node: verifies each and drops what came before.
// Set WEBHOOK_SECRET (whsec_… for HMAC, or whpk_… for ED25519); then: node webhook_receiver.mjs 8000
// In service a reverse proxy with a public certificate stands before it, and a database in the place of the Map.
import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { createServer } from "node:http";

const SECRET = process.env.WEBHOOK_SECRET;
const LARGEST = 64 * 1024;
const OLDEST_S = 300;
const ED25519 = Buffer.from("302a300506032b6570032100", "hex");
const bytes = Buffer.from(SECRET.slice(SECRET.indexOf("_") + 1), "base64");
const taken = new Map();

function fits(version, signature, text) {
  if (version === "v1" && SECRET.startsWith("whsec_")) {
    const expected = createHmac("sha256", bytes).update(text).digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
  if (version === "v1a" && SECRET.startsWith("whpk_")) {
    const key = createPublicKey({ key: Buffer.concat([ED25519, bytes]), format: "der", type: "spki" });
    return signature.length === 64 && verify(null, Buffer.from(text), key, signature);
  }
  return false;
}

function isTheirs(headers, body) {
  const id = headers["webhook-id"], at = Number(headers["webhook-timestamp"]);
  if (!id || !Number.isInteger(at) || Math.abs(Date.now() / 1000 - at) > OLDEST_S) return false;
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const [version, signature] = one.split(",");
    return fits(version, Buffer.from(signature ?? "", "base64"), `${id}.${at}.${body}`);
  });
}

createServer((request, response) => {
  const parts = [];
  let size = 0;
  request.on("data", (part) => {
    size += part.length;
    if (size > LARGEST) request.destroy();
    else parts.push(part);
  });
  request.on("end", () => {
    const body = Buffer.concat(parts).toString("utf8");
    if (!isTheirs(request.headers, body)) {
      response.writeHead(400).end();
      return;
    }
    const id = request.headers["webhook-id"];
    if (!taken.has(id)) {
      taken.set(id, JSON.parse(body).type); // Here your system does what it does with an event.
      console.log(`${id} ${taken.get(id)}`);
    }
    response.writeHead(204).end();
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
