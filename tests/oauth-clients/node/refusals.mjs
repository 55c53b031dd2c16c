// What is not granted, and the error codes that clients act on (RFC 6749, section 5.2).

import { generateKeyPair } from 'jose';
import { clientCredentialsGrant, ClientSecretBasic, ClientSecretPost, PrivateKeyJwt } from 'openid-client';
import { configuration, secretClient } from './discovery.mjs';
import { refused } from './report.mjs';

export async function refusals(gateway) {
  const { issuer, scope, secret_client: { id }, jwt_client } = gateway;
  const noClient = { status: 401, error: 'invalid_client' };

  for (const [method, by] of [['client_secret_basic', ClientSecretBasic], ['client_secret_post', ClientSecretPost]]) {
    const wrong = await configuration(issuer, id, by('not-the-secret'));
    await refused(`a wrong secret, ${method}`, clientCredentialsGrant(wrong, { scope }), noClient);
  }

  const { privateKey } = await generateKeyPair('Ed25519');
  const wrongKey = await configuration(issuer, jwt_client.id, PrivateKeyJwt(privateKey));
  await refused('a wrong key, private_key_jwt', clientCredentialsGrant(wrongKey, { scope }), noClient);

  const client = await secretClient(gateway);
  const unknown = clientCredentialsGrant(client, { scope: 'no:such-scope' });
  await refused('an unknown scope', unknown, { status: 400, error: 'invalid_scope' });
}
