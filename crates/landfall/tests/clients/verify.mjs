// Verifies deliveries as a receiver in JavaScript does: a JSON line each in, `ok` or why not out.
//
// A `whsec_` secret goes to the official library. That knows no `v1a`, so with a `whpk_` public key
// Node's own crypto verifies what the specification says is signed. Runs in the folder where the
// library is installed.

import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { Webhook } = require("standardwebhooks");

const PUBLIC = "whpk_";

function verifyAsymmetric(text, headers, body) {
  const raw = Buffer.from(text.slice(PUBLIC.length), "base64");
  const jwk = { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const prefix = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`;
  const signed = Buffer.concat([Buffer.from(prefix), body]);
  const isGenuine = headers["webhook-signature"].split(" ").some((token) => {
    const [version, base64] = token.split(",");
    return version === "v1a" && verify(null, signed, key, Buffer.from(base64, "base64"));
  });
  if (!isGenuine) throw new Error("No matching signature found");
}

function verdict(line) {
  const { secret, headers, body_base64 } = JSON.parse(line);
  const body = Buffer.from(body_base64, "base64");
  try {
    if (secret.startsWith(PUBLIC)) verifyAsymmetric(secret, headers, body);
    else new Webhook(secret).verify(body, headers);
    return "ok";
  } catch (error) {
    return error.message;
  }
}

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  console.log(verdict(line));
}
