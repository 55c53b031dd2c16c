// Tokens of an authorization server with RS256, verified with Okta's own library.

import { deepStrictEqual, rejects, strictEqual } from 'node:assert';
import OktaJwtVerifier from '@okta/jwt-verifier';
import { clientCredentialsGrant, ClientSecretBasic } from 'openid-client';
import { configuration } from './discovery.mjs';
import { tampered } from './jose.mjs';
import { ok } from './report.mjs';

export async function verifyWithOkta({ rs256_issuer: issuer, rs256_client: { id, secret }, audience, scope }) {
  const client = await configuration(issuer, id, ClientSecretBasic(secret));
  const { access_token: token } = await clientCredentialsGrant(client, { scope });
  const verifier = new OktaJwtVerifier({ issuer, assertClaims: { cid: id, 'scp.includes': scope } });

  const { header, claims } = await verifier.verifyAccessToken(token, audience);
  strictEqual(header.alg, 'RS256');
  deepStrictEqual(claims.scp, [scope]);
  ok("Okta's verifier takes the token of a server with RS256, and finds cid and scp");

  await rejects(verifier.verifyAccessToken(tampered(token), audience), /Signature verification failed/);
  ok("Okta's verifier refuses the token with another claim in it");
  await rejects(verifier.verifyAccessToken(token, 'api://elsewhere'), /audience claim/);
  ok("Okta's verifier refuses the token for another audience");
}
