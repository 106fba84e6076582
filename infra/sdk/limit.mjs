// What the clients do when a key has taken as much as it may.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { base, check, refused, require } from './check.mjs';
import { mxWith } from './mx.mjs';

const { Memnexus } = require('@memnexus-ai/typescript-sdk');
const { MemNexus } = require('@memnexus-ai/sdk');

// operate runs an operator's command on the server that was started for this.
const operate = async (...args) => (await promisify(execFile)(process.env.GRIOT, ['-data', process.env.DATA, ...args])).stdout;

export async function driveLimits() {
  const workspace = process.env.WORKSPACE;
  const { key, id } = JSON.parse(await operate('keys', 'create', '-workspace', workspace, '-label', 'hasty', '-json'));
  const allow = (requests) => operate('workspaces', 'limit', '-workspace', workspace, '-key', id, '-requests', String(requests));
  await allow(0.05); // three at once, and one in 20 s
  const hasty = new Memnexus({ baseUrl: base, token: key, retry: { attempts: 1 } });
  const list = (sdk) => sdk.conversations.listConversations({ limit: 1 });

  await check('typescript-sdk: over the limit', async () => {
    for (let i = 0; i < 3; i++) await list(hasty);
    await refused(list(hasty), 429, 'RATE_LIMITED', /try again in \d+ s/);
    const { data } = await list(hasty).catch((err) => err);
    assert.ok(data.retryAfter > 0 && data.retryAfter <= 20, JSON.stringify(data));
  });
  await check('mx: over the limit', async () => {
    const result = await mxWith(key)('conversations', 'list');
    assert.equal(result.code, 5, result.all);
    assert.match(result.all, /as much of the class standard as it may|try again/);
  });
  await check('the header and the body say when to come back', async () => {
    const answer = await fetch(`${base}/api/conversations`, { headers: { Authorization: `Bearer ${key}` } });
    assert.equal(answer.status, 429);
    assert.equal(Number(answer.headers.get('retry-after')), (await answer.json()).retryAfter);
    assert.equal(answer.headers.get('x-ratelimit-remaining'), '0');
    assert.equal(answer.headers.get('x-ratelimit-bucket'), `key:${id}:standard`);
  });
  await check('sdk: it tries again until it is served', async () => {
    const waiting = list(new MemNexus({ baseUrl: base, apiKey: key }));
    await allow(100);
    await waiting;
  });
  await check('sdk: what is used', async () => {
    const { data } = await new MemNexus({ baseUrl: base, apiKey: key }).users.getCurrentUserUsage();
    assert.ok(data.data.memoriesUsed >= 0, JSON.stringify(data));
  });
}
