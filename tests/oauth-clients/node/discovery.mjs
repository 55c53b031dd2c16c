// The metadata of an authorization server, and the clients that are made from it.

import { deepStrictEqual, match, ok as holds, strictEqual } from 'node:assert';
import { ClientSecretBasic, discovery, PrivateKeyJwt } from 'openid-client';
import { importJWK } from 'jose';
import { ok } from './report.mjs';

// RFC 8414 puts the well-known part before an issuer's path, Okta after it; both must tell the same.
export async function discover({ issuer, secret_client: { id }, rs256_issuer }) {
  for (const server of [issuer, rs256_issuer]) {
    const standard = (await configuration(server, id)).serverMetadata();
    const okta = new URL(`${server}/.well-known/oauth-authorization-server`);
    const appended = (await discovery(okta, id)).serverMetadata();
    deepStrictEqual(plain(appended), plain(standard), 'the two forms of the metadata differ');
    expectMetadata(standard, server);
    ok(`metadata of ${server}, in the form of RFC 8414 and in Okta's`);
  }
}

function expectMetadata(metadata, issuer) {
  strictEqual(metadata.issuer, issuer);
  strictEqual(metadata.jwks_uri, `${issuer}/v1/keys`);
  for (const endpoint of ['token', 'introspection', 'revocation']) {
    match(metadata[`${endpoint}_endpoint`], /^https:/, `the ${endpoint} endpoint`);
  }
  for (const method of ['client_secret_basic', 'client_secret_post', 'private_key_jwt']) {
    holds(metadata.token_endpoint_auth_methods_supported.includes(method), `${method} is not told as supported`);
  }
  holds(metadata.grant_types_supported.includes('client_credentials'), 'client_credentials is not told as supported');
  holds(metadata.dpop_signing_alg_values_supported.length > 0, 'no algorithm of DPoP is told as supported');
}

function plain(metadata) {
  return JSON.parse(JSON.stringify(metadata));
}

// A client of openid-client, made by discovery.
export function configuration(issuer, id, authentication, options = {}) {
  return discovery(new URL(issuer), id, undefined, authentication, { algorithm: 'oauth2', ...options });
}

// The client with a secret, which most steps use.
export function secretClient({ issuer, secret_client: { id, secret } }, options) {
  return configuration(issuer, id, ClientSecretBasic(secret), options);
}

// The client with a key. Options are of openid-client's PrivateKeyJwt.
export async function keyClient({ issuer, jwt_client: { id, key } }, options) {
  const signer = { key: await importJWK(key, 'Ed25519'), kid: key.kid };
  return configuration(issuer, id, PrivateKeyJwt(signer, options));
}
