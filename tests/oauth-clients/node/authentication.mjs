// The client credentials grant (RFC 6749, section 4.4) with each way in which a client shows who it is.

import { ok as holds, strictEqual } from 'node:assert';
import { clientCredentialsGrant, ClientSecretBasic, ClientSecretPost, modifyAssertion } from 'openid-client';
import { configuration, keyClient } from './discovery.mjs';
import { ok, refused } from './report.mjs';

export async function authenticate(gateway) {
  const { issuer, secret_client: { id, secret } } = gateway;
  await grant('client_secret_basic', await configuration(issuer, id, ClientSecretBasic(secret)), gateway);
  await grant('client_secret_post', await configuration(issuer, id, ClientSecretPost(secret)), gateway);

  await grant('private_key_jwt, alg Ed25519, for the issuer', await keyClient(gateway), gateway);
  const eddsa = { [modifyAssertion]: (header) => { header.alg = 'EdDSA'; } };
  await grant('private_key_jwt, alg EdDSA', await keyClient(gateway, eddsa), gateway);
  const client = await keyClient(gateway);
  const endpoint = client.serverMetadata().token_endpoint;
  const forEndpoint = { [modifyAssertion]: (_, payload) => { payload.aud = endpoint; } };
  await grant('private_key_jwt, for the token endpoint', await keyClient(gateway, forEndpoint), gateway);

  await replay(gateway);
}

// An assertion's jti is good for one request (RFC 7523, section 3).
async function replay(gateway) {
  const jti = crypto.randomUUID();
  const sameJti = { [modifyAssertion]: (_, payload) => { payload.jti = jti; } };
  const client = await keyClient(gateway, sameJti);
  await clientCredentialsGrant(client, { scope: gateway.scope });
  const second = clientCredentialsGrant(client, { scope: gateway.scope });
  await refused("an assertion's jti for the second time", second, { status: 401, error: 'invalid_client' });
}

async function grant(what, client, { scope }) {
  const token = await clientCredentialsGrant(client, { scope });
  strictEqual(token.token_type, 'bearer', what);
  strictEqual(token.scope, scope, what);
  holds(token.expiresIn() > 0, `${what}: expires_in`);
  ok(`${what}: a token for ${token.expires_in} s`);
}
