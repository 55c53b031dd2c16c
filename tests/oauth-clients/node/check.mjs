// Shows that other people's OAuth clients and verifiers of tokens work with a gateway, unmodified: openid-client, jose and
// Okta's verifier.
//
//   node check.mjs gateway.json
//
// gateway.json: { "issuer", "audience", "scope", "secret_client": { "id", "secret" }, "jwt_client": { "id", "key" },
// "rs256_issuer", "rs256_client": { "id", "secret" } }. Both clients of "issuer", and the one of "rs256_issuer", are given tokens for
// "scope", a single one. A "key" is the path of a private JSON Web Key, OKP with Ed25519; its "kid" is named in assertions, if it has one.
// The authority that signed the gateway's certificate is named by NODE_EXTRA_CA_CERTS. Prints a line for each thing shown;
// ends with status 1 at the first that is not as expected.

import { readFileSync } from 'node:fs';
import { authenticate } from './authentication.mjs';
import { discover } from './discovery.mjs';
import { boundTokens } from './dpop.mjs';
import { introspectAndRevoke } from './lifecycle.mjs';
import { refusals } from './refusals.mjs';
import { verifyWithJose } from './jose.mjs';
import { verifyWithOkta } from './okta.mjs';

const [path] = process.argv.slice(2);
if (!path) {
  console.error('usage: node check.mjs GATEWAY.json');
  process.exit(2);
}
const gateway = JSON.parse(readFileSync(path, 'utf8'));
gateway.jwt_client.key = JSON.parse(readFileSync(gateway.jwt_client.key, 'utf8'));

const steps = [discover, authenticate, boundTokens, introspectAndRevoke, refusals, verifyWithJose, verifyWithOkta];
for (const step of steps) {
  try {
    await step(gateway);
  } catch (error) {
    console.error(`not as expected, in ${step.name}:`, error);
    process.exit(1);
  }
}
