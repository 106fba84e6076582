// The page that says of every method of the SDK whether it is served, against
// the installed package, and against a server for those that are not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { base, check, key, require } from './check.mjs';

const { Memnexus } = require('@memnexus-ai/typescript-sdk');

// methods are the page's lines by method: what is sent, and what is here.
export function methods() {
  const page = readFileSync(new URL('../../internal/docs/memnexus.md', import.meta.url), 'utf8');
  return new Map([...page.matchAll(/^\| `(\w+\.\w+)` \| `([A-Z]+ \/[^`]+)` \| (.*) \|$/gm)].map(([, name, request, here]) => [name, { request, here }]));
}

// published calls every method that the package has, with names for what its
// path asks for, and returns the request that it sends.
async function published() {
  const sdk = new Memnexus({ baseUrl: base, token: key, retry: { attempts: 1 } });
  const out = new Map();
  const real = globalThis.fetch;
  let sent;
  globalThis.fetch = async (url, init) => {
    sent = { method: init.method, path: new URL(url).pathname };
    return new Response('{}', { headers: { 'Content-Type': 'application/json' } });
  };
  try {
    for (const [service, api] of Object.entries(sdk)) {
      const proto = Object.getPrototypeOf(api);
      if (proto === Object.prototype) continue; // the configuration
      for (const name of Object.getOwnPropertyNames(proto).filter((n) => n !== 'constructor')) {
        await api[name]('name', 'name').catch(() => {}); // what it makes of the answer does not matter
        out.set(`${service}.${name}`, sent);
        sent = undefined;
      }
    }
  } finally {
    globalThis.fetch = real;
  }
  return out;
}

export async function driveMethods() {
  const page = methods();
  const requests = await published();
  await check('methods: the page has those of the package', () =>
    assert.deepEqual([...page.keys()].sort(), [...requests.keys()].sort()));
  await check('methods: they send what the page says', () => {
    for (const [name, { method, path }] of requests) {
      assert.equal(`${method} ${path}`, page.get(name).request.replace(/\{\w+\}/g, 'name'), name);
    }
  });
  await check('methods: what is not here says so', async () => {
    for (const [name, { here }] of page) {
      if (!here.startsWith('not here')) continue;
      const { method, path } = requests.get(name);
      const body = method === 'GET' ? undefined : '{}';
      const res = await fetch(base + path, { method, body, headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' } });
      const { error, code } = await res.json();
      assert.deepEqual([res.status, code, typeof error], [404, 'NOT_FOUND', 'string'], name);
    }
  });
}
