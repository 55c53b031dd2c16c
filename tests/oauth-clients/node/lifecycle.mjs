// Introspection (RFC 7662) and revocation (RFC 7009).

import { deepStrictEqual, strictEqual } from 'node:assert';
import { clientCredentialsGrant, tokenIntrospection, tokenRevocation } from 'openid-client';
import { keyClient, secretClient } from './discovery.mjs';
import { ok } from './report.mjs';

export async function introspectAndRevoke(gateway) {
  const clients = [['secret', await secretClient(gateway)], ['key', await keyClient(gateway)]];
  for (const [what, client] of clients) await withClient(what, client, gateway);
}

async function withClient(what, client, { scope }) {
  const { access_token: token } = await clientCredentialsGrant(client, { scope });
  const before = await tokenIntrospection(client, token);
  strictEqual(before.active, true, 'a new token is not active');
  strictEqual(before.client_id, client.clientMetadata().client_id);
  strictEqual(before.scope, scope);
  ok(`introspection, by a client with a ${what}: active, with client and scope`);

  await tokenRevocation(client, token);
  deepStrictEqual(await tokenIntrospection(client, token), { active: false });
  await tokenRevocation(client, token);
  ok(`revocation, by a client with a ${what}: then inactive; and again, which changes nothing`);

  deepStrictEqual(await tokenIntrospection(client, 'no.such.token'), { active: false });
  ok(`introspection of what is no token, by a client with a ${what}: inactive`);
}
