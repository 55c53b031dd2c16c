// oidc-provider, set up for the work that the gateway is measured at: client credentials, for a client with a secret and for one with
// an Ed25519 key, answered with JWTs that are signed with Ed25519. Plain HTTP, state in memory, no logs.
//
//   node oidc-provider.mjs PORT DIRECTORY
//
// New keys and a new secret each time. What a client must know is in DIRECTORY/server.json once the server is ready: { "issuer",
// "token_endpoint", "scope", "resource", "secret_client": { "id", "secret" }, "jwt_client": { "id", "key" } }, where "key" is the path
// of a private JSON Web Key.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Provider from 'oidc-provider';

const [port, directory] = process.argv.slice(2);
if (!directory) {
  console.error('usage: node oidc-provider.mjs PORT DIRECTORY');
  process.exit(2);
}
const issuer = `http://127.0.0.1:${port}`;
const resource = 'urn:marque:bench';
const scope = 'meter:read';
const secret = randomBytes(32).toString('base64url');
const device = ed25519Key('device');

const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
const provider = new Provider(issuer, {
  jwks: { keys: [ed25519Key('server').private] },
  clients: [
    { ...machine, client_id: 'secret', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' },
    { ...machine, client_id: 'key', jwks: { keys: [device.public] }, token_endpoint_auth_method: 'private_key_jwt' },
  ],
  clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
  clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
  scopes: [scope],
  ttl: { ClientCredentials: 3600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope, audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'EdDSA' } } }),
    },
  },
});
provider.on('server_error', (_, error) => console.error(error));

provider.listen(Number(port), '127.0.0.1', () => {
  const key = join(resolve(directory), 'client.jwk.json');
  writeFileSync(key, JSON.stringify(device.private), { mode: 0o600 });
  const clients = { secret_client: { id: 'secret', secret }, jwt_client: { id: 'key', key } };
  const told = { issuer, token_endpoint: `${issuer}/token`, scope, resource, ...clients };
  // Whole or not at all, for who waits for it.
  const unfinished = join(directory, 'server.json.new');
  writeFileSync(unfinished, JSON.stringify(told), { mode: 0o600 });
  renameSync(unfinished, join(directory, 'server.json'));
});

function ed25519Key(kid) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = (key) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });
  return { public: jwk(publicKey), private: jwk(privateKey) };
}
