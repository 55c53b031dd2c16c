// Tokens verified with jose, by the keys that the authorization server publishes.

import { rejects, strictEqual } from 'node:assert';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { clientCredentialsGrant } from 'openid-client';
import { secretClient } from './discovery.mjs';
import { ok } from './report.mjs';

// The names of one algorithm: of RFC 8037, and of RFC 9864.
const algorithms = ['EdDSA', 'Ed25519'];

export async function verifyWithJose(gateway) {
  const { issuer, audience, scope, secret_client: { id } } = gateway;
  const client = await secretClient(gateway);
  const { access_token: token } = await clientCredentialsGrant(client, { scope });
  const keys = createRemoteJWKSet(new URL(client.serverMetadata().jwks_uri));
  const expected = { issuer, audience, algorithms, typ: 'at+jwt', requiredClaims: ['sub', 'iat', 'exp', 'jti'] };

  const { payload, protectedHeader } = await jwtVerify(token, keys, expected);
  strictEqual(payload.client_id, id);
  strictEqual(payload.scope, scope);
  ok(`jose verifies the token: ${protectedHeader.alg}, ${protectedHeader.typ}, key ${protectedHeader.kid}`);

  await rejects(jwtVerify(tampered(token), keys, expected), errors.JWSSignatureVerificationFailed);
  ok('jose refuses the token with another claim in it');
  const elsewhere = { ...expected, audience: 'api://elsewhere' };
  await rejects(jwtVerify(token, keys, elsewhere), errors.JWTClaimValidationFailed);
  ok('jose refuses the token for another audience');
}

// The token with one claim more, and the signature of the one without.
export function tampered(token) {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const more = Buffer.from(JSON.stringify({ ...claims, admin: true })).toString('base64url');
  return [header, more, signature].join('.');
}
