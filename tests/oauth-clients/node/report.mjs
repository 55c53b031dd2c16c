// How a thing that is as expected is told, and how an expected refusal is read.

import { fail, strictEqual } from 'node:assert';
import { ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';

export function ok(what) {
  console.log(`ok  ${what}`);
}

// Waits for a request of openid-client to be refused with an OAuth error, and tells it.
export async function refused(what, request, { status, error }) {
  let answer;
  try {
    answer = await request;
  } catch (refusal) {
    strictEqual(await errorOf(refusal), error, `${what}: the error`);
    strictEqual(refusal.status, status, `${what}: the status`);
    ok(`${what}: ${status} ${error}`);
    return;
  }
  fail(`${what}: expected ${status} ${error}, and was answered ${JSON.stringify(answer)}`);
}

// The client reads a challenge (RFC 9110, section 11.6.1) before the body, and leaves that unread.
async function errorOf(refusal) {
  if (refusal instanceof ResponseBodyError) return refusal.error;
  if (refusal instanceof WWWAuthenticateChallengeError) return (await refusal.response.json()).error;
  throw refusal;
}
