// The mx command, run as people run it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accepts, base, check, key, require, run, schemas } from './check.mjs';

const cli = dirname(require.resolve('@memnexus-ai/cli/package.json'));
const bin = join(cli, 'bin', 'mx.js');

export async function driveCommand() {
  await atHome((home) => commands((...args) => mx(home, { MX_API_KEY: key }, {}, ...args), (env, ...args) => mx(home, env, {}, ...args)));
}

// mxWith runs a command with a key.
export const mxWith = (apiKey) => (...args) => atHome((home) => mx(home, { MX_API_KEY: apiKey }, {}, ...args));

export async function atHome(fn) {
  const home = mkdtempSync(join(tmpdir(), 'mx-'));
  try {
    return await fn(home);
  } finally {
    rmSync(home, { recursive: true });
  }
}

// ran are the commands that were run, as they were typed.
export const ran = [];

// mx returns the exit code and what was printed.
export function mx(home, env, { cwd = home }, ...args) {
  ran.push(args.join(' '));
  return node([bin, ...args], home, env, cwd);
}

// tree are the names of all commands that there are.
export const tree = () => atHome(async (home) =>
  JSON.parse(ok(await node([fileURLToPath(new URL('tree.cjs', import.meta.url)), cli], home, {}, home))));

function node(args, home, env, cwd) {
  const inherited = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home };
  const quiet = { NO_UPDATE_NOTIFIER: '1', CI: '1', NO_COLOR: '1', MX_API_URL: base };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd, env: { ...inherited, ...quiet, ...env } }, (err, stdout, stderr) =>
      resolve({ code: err ? err.code : 0, stdout, stderr, all: stdout + stderr }));
    child.stdin.end();
  });
}

// ok expects success, json also that the output is JSON.
export const ok = ({ code, stdout, all }) => { assert.equal(code, 0, all); return stdout; };
export const json = (result) => { const out = ok(result); return JSON.parse(out.slice(out.search(/[{[]/))); };

// fails expects an exit code and a text.
export const fails = (result, code, text) => { assert.equal(result.code, code, result.all); assert.match(result.all, text); };

async function commands(me, as) {
  const test = (what, fn) => check(`mx: ${what}`, fn);
  const name = `release-${run}`;
  const list = (...args) => me('conversations', 'list', '--format', 'json', ...args).then(json);
  const created = await test('memories create', async () => {
    const out = ok(await me('memories', 'create', '--conversation-id', 'NEW', '--content', `A bandicoot${run} digs.`, '--topics', `Digging ${run}`, '--format', 'json'));
    const memory = JSON.parse(out.slice(out.indexOf('{')));
    accepts(schemas.memory, memory);
    return memory;
  });
  await test('memories create by default', async () => {
    ok(await me('memories', 'create', '--conversation-id', 'NEW', '--content', `Second ${run}`, '--importance', '0.7', '--format', 'json'));
  });
  const conversation = await test('conversations list', async () => {
    const { data, pagination } = await list('--limit', '500');
    data.forEach((c) => accepts(schemas.conversation, c));
    accepts(schemas.pagination, pagination);
    const found = data.find((c) => c.title === `A bandicoot${run} digs.`);
    assert.equal(found.messageCount, 1);
    return found;
  });
  await test('conversations list as a table, recent ones, with enough memories, by page', async () => {
    const out = ok(await me('conversations', 'list', '--recent', '24h', '--min-memories', '1', '--limit', '100'));
    assert.match(out, new RegExp(`bandicoot${run}`.slice(0, 12)));
    const page = await list('--page', '1', '--limit', '1');
    assert.deepEqual([page.pagination.offset, page.pagination.limit], [1, 1]);
  });
  await test('conversations list refuses a limit', async () =>
    fails(await me('conversations', 'list', '--limit', '1001'), 5, /1000/));
  await test('conversations summary', async () => {
    const { data } = json(await me('conversations', 'summary', conversation.id, '--format', 'json'));
    assert.equal(data.id, conversation.id);
    fails(await me('conversations', 'summary', 'conv_none'), 1, /Not Found/);
  });
  await test('conversations timeline', async () => {
    const { data, count } = json(await me('conversations', 'timeline', conversation.id, '--format', 'json'));
    assert.deepEqual([count, data[0].id], [1, created.id]);
  });
  await test('conversations search', async () => {
    const { data } = json(await me('conversations', 'search', '--query', `bandicoot${run}`, '--brief'));
    assert.equal(data[0].id, conversation.id);
    fails(await me('conversations', 'search', '--query', ' '), 2, /query/);
  });
  await test('conversations by-topic', async () => {
    const { data, count } = json(await me('conversations', 'by-topic', '--topic', `digging ${run}`, '--format', 'json'));
    assert.deepEqual([count, data[0].id], [1, conversation.id]);
  });
  await memories(test, me, created, name);
  await topics(test, me);
  await account(test, me, as);
}

async function memories(test, me, created, name) {
  await test('memories get, by the beginning of its id', async () => {
    const memory = json(await me('memories', 'get', created.id.slice(0, 8), '--format', 'json'));
    assert.equal(memory.id, created.id);
    assert.equal(json(await me('memories', 'get', created.id, '--format', 'json')).id, created.id);
  });
  await test('memories get, several', async () => {
    const out = json(await me('memories', 'get', created.id, '00000000-0000-4000-8000-000000000000', '--format', 'json'));
    assert.deepEqual([out.meta.found, out.data[0].id], [1, created.id]);
  });
  await test('memories get --conversation', async () => {
    ok(await me('memories', 'get', created.id, '--conversation', '--format', 'json'));
  });
  await test('memories create with a name, twice: the second is a new version', async () => {
    ok(await me('memories', 'create', '--conversation-id', 'NEW', '--name', name, '--content', 'one', '--format', 'json'));
    ok(await me('memories', 'create', '--conversation-id', 'NEW', '--name', name, '--content', 'two', '--format', 'json'));
    const memory = json(await me('memories', 'get', name, '--format', 'json'));
    accepts(schemas.memory, memory);
    assert.deepEqual([memory.content, memory.version, memory.memoryType], ['two', 2, 'procedural']);
  });
  await test('memories update --name', async () => {
    ok(await me('memories', 'update', '--name', name, '--content', 'three', '--format', 'json'));
    assert.equal(json(await me('memories', 'get', '--name', name, '--format', 'json')).content, 'three');
  });
  await test('memories update', async () => {
    const memory = json(await me('memories', 'update', created.id, '--content', `A bandicoot${run} naps.`, '--format', 'json'));
    assert.deepEqual([memory.content, memory.version], [`A bandicoot${run} naps.`, 2]);
    const about = json(await me('memories', 'update', created.id, '--code-context', '{"product":"griot"}', '--importance', '0.3', '--format', 'json'));
    assert.equal(about.codeContext.product, 'griot');
  });
  await test('memories list', async () => {
    const out = json(await me('memories', 'list', '--limit', '100', '--recent', '24h', '--topics', `digging ${run}`, '--format', 'json'));
    assert.deepEqual(out.data.map((m) => m.id), [created.id]);
    ok(await me('memories', 'list', '--last', '3', '--sort', 'createdAt:desc'));
  });
  await test('memories search', async () => {
    const out = ok(await me('memories', 'search', '--query', `bandicoot${run}`, '--id-only'));
    assert.equal(out.trim(), created.id);
    ok(await me('memories', 'search', '--query', `bandicoot${run}`, '--recent', '7d', '--topics', `digging ${run}`, '--format', 'json'));
  });
  await test('memories recap', async () => ok(await me('memories', 'recap')));
  await test('memories create refuses', async () =>
    fails(await me('memories', 'create', '--conversation-id', 'NEW', '--content', 'x', '--memory-type', 'procedural', '--context', 'x'.repeat(201)), 2, /context/));
  await test('memories delete', async () => {
    ok(await me('memories', 'delete', created.id));
    fails(await me('memories', 'get', created.id), 1, /Not Found/);
    ok(await me('memories', 'delete', created.id));
  });
  await test('memories delete --batch', async () => {
    const made = json(await me('memories', 'create', '--conversation-id', 'NEW', '--content', `gone ${run}`, '--format', 'json'));
    const out = json(await me('memories', 'delete', '--batch', made.id, '--yes', '--format', 'json'));
    assert.equal(out.deleted, 1);
  });
}

async function topics(test, me) {
  ok(await me('memories', 'create', '--conversation-id', 'NEW', '--content', 'x', '--topics', `mxone ${run},mxtwo ${run}`, '--format', 'json'));
  const ids = await test('topics list', async () => {
    const { data } = json(await me('topics', 'list', '--limit', '100', '--format', 'json'));
    data.forEach((t) => accepts(schemas.topic, t));
    ok(await me('topics', 'list'));
    return ['mxone', 'mxtwo'].map((name) => data.find((t) => t.name === `${name} ${run}`).id);
  });
  await test('topics get', async () => {
    const { data } = json(await me('topics', 'get', ids[0], '--format', 'json'));
    assert.deepEqual([data.name, data.memoryCount], [`mxone ${run}`, 1]);
  });
  await test('topics merge', async () => {
    ok(await me('topics', 'merge', '--source-id', ids[0], '--target-id', ids[1], '--force', '--format', 'json'));
    const { data } = json(await me('topics', 'get', ids[0], '--format', 'json')); // its id is the other one's now
    assert.deepEqual([data.id, data.memoryCount], [ids[1], 1]);
  });
}

async function account(test, me, as) {
  await test('apikeys create, list, delete', async () => {
    const out = ok(await me('apikeys', 'create', '--label', `mx ${run}`));
    const made = out.match(/Key: (cmk_live_[a-z0-9]{16}\.\w+)/)[1];
    const { data } = json(await me('apikeys', 'list', '--format', 'json'));
    const info = data.find((k) => k.label === `mx ${run}`);
    accepts(schemas.apiKey, info);
    ok(await me('apikeys', 'list'));
    ok(await as({ MX_API_KEY: made }, 'conversations', 'list'));
    ok(await me('apikeys', 'delete', info.id, '--force'));
    fails(await as({ MX_API_KEY: made }, 'conversations', 'list'), 3, /Authentication/);
  });
  await test('auth login, and mcp install with what it stored', async () => {
    assert.match(ok(await as({}, 'auth', 'login', '--api-key', key)), /Authenticated as/);
    assert.match(ok(await as({}, 'conversations', 'list')), /Showing/);
    assert.match(ok(await as({}, 'mcp', 'install', '--client', 'claude-code', '--dry-run', '--yes')), /Would configure Claude Code/);
    assert.match(ok(await as({}, 'auth', 'login', '--api-key', 'cmk_live_0123456789abcdef.none')), /Invalid API key/);
  });
  await test('system health', async () => assert.match(ok(await me('system', 'health')), /Status: healthy/));
}
