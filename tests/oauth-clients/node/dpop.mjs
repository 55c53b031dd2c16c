// Tokens that are bound to a key of their holder (RFC 9449).

import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert';
import { clientCredentialsGrant, customFetch, getDPoPHandle, randomDPoPKeyPair } from 'openid-client';
import { calculateJwkThumbprint, decodeJwt, exportJWK } from 'jose';
import { secretClient } from './discovery.mjs';
import { ok } from './report.mjs';

export async function boundTokens(gateway) {
  for (const algorithm of ['ES256', 'Ed25519']) await boundToken(gateway, algorithm);
}

// The server asks for its nonce first (section 8), and the client tries again with it, by itself.
async function boundToken(gateway, algorithm) {
  const answers = [];
  const client = await secretClient(gateway, {
    [customFetch]: async (...request) => {
      const answer = await fetch(...request);
      if (request[1].method === 'POST') answers.push(answer.clone());
      return answer;
    },
  });
  const keys = await randomDPoPKeyPair(algorithm);
  const token = await clientCredentialsGrant(client, { scope: gateway.scope }, { DPoP: getDPoPHandle(client, keys) });

  deepStrictEqual(answers.map(({ status }) => status), [400, 200], 'the statuses of a first request with DPoP');
  strictEqual((await answers[0].json()).error, 'use_dpop_nonce');
  notStrictEqual(answers[0].headers.get('dpop-nonce'), null, 'no nonce came with use_dpop_nonce');
  strictEqual(token.token_type, 'dpop');
  const thumbprint = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
  deepStrictEqual(decodeJwt(token.access_token).cnf, { jkt: thumbprint });
  ok(`DPoP, alg ${algorithm}: the server's nonce, then a token bound to the key`);
}
