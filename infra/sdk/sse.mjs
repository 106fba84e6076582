// Clients of server-sent events as people have them follow a live transcript
// over connections that break: each sees every segment once, as the document
// has it, and then comes back no more.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { base, check, key, require } from './check.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const authorization = { Authorization: `Bearer ${key}` };

async function call(method, where, body) {
  const answer = await fetch(base + where, { method, headers: authorization, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${where}: ${answer.status}`);
  return answer.json();
}

// Texts that a lenient reader may take for several lines, or for events.
const texts = [
  'plain', 'a\u2028b', 'a\u2029b', 'a\u0085b', 'a\u000bb', 'a\u000cb', 'a\u001cb', 'a\u001eb', 'a\r\nb', 'data: x\n\nevent: done\n\n',
  '\ufeffmark', 'Grüße 🚀', ...Array.from({ length: 12 }, (_, i) => `number ${i}`),
];

// cutter forwards requests and breaks the first three connections after some
// segments each. It counts the requests.
async function cutter() {
  let requests = 0;
  const server = http.createServer((request, response) => {
    const left = [4, 5, 6][requests++] ?? Infinity;
    const forwarded = http.request(base + request.url, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      let seen = 0;
      let rest = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        const events = (rest + chunk).split('\n\n');
        rest = events.pop();
        for (const event of events) {
          if (event.includes('event: segment') && ++seen > left) {
            response.destroy();
            return;
          }
          response.write(`${event}\n\n`);
        }
      });
      answer.on('end', () => response.end());
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    forwarded.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, count: () => requests, close: () => { server.closeAllConnections(); server.close(); } };
}

// speak appends the texts one by one, and completes the session.
async function speak(id) {
  for (const [i, text] of texts.entries()) {
    await call('POST', `/v1/sessions/${id}/segments`, { segments: [{ client_seq: i, text }] });
  }
  await call('POST', `/v1/sessions/${id}/complete`);
}

async function follows(name, read) {
  await check(`${name} follows a transcript over broken connections, and ends`, async () => {
    const { id } = await call('POST', '/v1/sessions', { template: 'open_exploration', title: name, interviewee_email: 'ann@acme.com' });
    const proxy = await cutter();
    try {
      const got = [];
      const reading = read(`${proxy.url}/v1/sessions/${id}/transcript`, (data) => got.push(data));
      await Promise.all([speak(id), within(60_000, reading)]);
      const polled = await call('GET', `/v1/sessions/${id}/segments?limit=1000`);
      assert.deepEqual(got.map((data) => JSON.parse(data)), polled.data);
      assert.deepEqual(polled.data.map((s) => s.text), texts);
      assert.ok(proxy.count() >= 4, `${proxy.count()} connections`);
      const before = proxy.count();
      await new Promise((resolve) => setTimeout(resolve, 3_000)); // longer than retry says
      assert.equal(proxy.count(), before, 'it comes back though it has everything');
    } finally {
      proxy.close();
    }
  });
}

function within(ms, promise) {
  const late = new Promise((_, reject) => { setTimeout(() => reject(new Error(`not over after ${ms} ms`)), ms).unref(); });
  return Promise.race([promise, late]);
}

// ofEventSource reads until done, and does not close the source: that nobody
// comes back is the server's doing.
function ofEventSource(source, take) {
  return new Promise((resolve) => {
    source.addEventListener('segment', (e) => take(e.data));
    source.addEventListener('done', resolve);
  });
}

// lines gives the complete lines of a program's output.
async function lines(command, args, take) {
  const program = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, KEY: key } });
  let rest = '';
  program.stdout.setEncoding('utf8').on('data', (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    parts.forEach(take);
  });
  const [code] = await once(program, 'close');
  return code;
}

async function curl(url, take) {
  for (let last = '', done = false; !done;) {
    const seen = last ? ['-H', `Last-Event-ID: ${last}`] : [];
    let event = '';
    await lines('curl', ['-sN', '-w', 'status: %{http_code}\n', '-H', `Authorization: ${authorization.Authorization}`, '-H', 'Accept: text/event-stream', ...seen, url], (line) => {
      const [, field, value] = /^(\w+): (.*)$/.exec(line) ?? [];
      if (field === 'event') event = value;
      if (field === 'id') last = value;
      if (field === 'data' && event === 'segment') take(value);
      done ||= event === 'done' || line === 'status: 204';
    });
  }
}

export async function driveStreams() {
  console.error = () => {}; // of the polyfill, at each connection that breaks
  const { EventSourcePolyfill } = require('event-source-polyfill');
  const { EventSource } = require('eventsource');
  globalThis.window ??= globalThis; // what fetch-event-source is written for
  globalThis.document ??= { hidden: false, addEventListener() {}, removeEventListener() {} };
  const { fetchEventSource } = require('@microsoft/fetch-event-source');
  const python = (name) => (url, take) => lines(path.join(process.env.SDK_DIR, 'venv', 'bin', 'python'), [path.join(here, 'sse.py'), name, url], (line) => take(JSON.parse(line)));
  await promisify(execFile)('curl', ['--version']);
  await Promise.all([
    follows('event-source-polyfill', (url, take) => ofEventSource(new EventSourcePolyfill(url, { headers: authorization }), take)),
    follows('eventsource', (url, take) => ofEventSource(new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...authorization } }),
    }), take)),
    follows('fetch-event-source', (url, take) => fetchEventSource(url, {
      headers: authorization,
      openWhenHidden: true,
      fetch: globalThis.fetch,
      onopen: async (answer) => { if (answer.status === 204) throw new Ended(); },
      onmessage: (e) => { if (e.event === 'segment') take(e.data); },
      onerror: (err) => { if (err instanceof Ended) throw err; return 100; },
    }).catch((err) => { if (!(err instanceof Ended)) throw err; })),
    follows('httpx-sse', python('httpx-sse')),
    follows('sseclient-py', python('sseclient-py')),
    follows('curl', curl),
  ]);
}

class Ended extends Error {}
