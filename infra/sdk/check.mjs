// One line for each check, and how many failed.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

// The clients are installed outside this repository.
export const require = createRequire(`${process.env.SDK_DIR}/package.json`);

export const { BASE: base, KEY: key } = process.env;

// The text that no other run has.
export const run = Date.now().toString(36) + Math.random().toString(36).slice(2, 8);

const counts = { passed: 0, failed: 0 };

// check runs one check and prints its result. What it returns is for the
// checks that build on it; after a failure it is undefined.
export async function check(name, fn) {
  try {
    const result = await fn();
    counts.passed++;
    console.log(`ok    ${name}`);
    return result;
  } catch (err) {
    counts.failed++;
    console.log(`FAIL  ${name}: ${reason(err)}`);
    return undefined;
  }
}

function reason(err) {
  const answer = err?.data ? ` ${JSON.stringify(err.data)}` : '';
  return `${err?.message ?? err}${answer}`.replace(/\s+/g, ' ').slice(0, 500);
}

// finish prints the sum and is false when a check failed.
export function finish() {
  console.log(`${counts.passed} checks passed, ${counts.failed} failed`);
  return counts.failed === 0;
}

// accepts lets a schema of the clients judge a value.
export function accepts(schema, value) {
  const result = schema.safeParse(value);
  assert.ok(result.success, `the client's schema refuses ${JSON.stringify(value)?.slice(0, 200)}: ${result.error}`);
  return value;
}

// refused expects an SDK's error with a status, a code and a text that the
// client can show.
export async function refused(promise, status, code, text = /./) {
  const err = await promise.then(() => assert.fail('it succeeded'), (e) => e);
  assert.equal(err.status, status, reason(err));
  accepts(schemas.error, err.data);
  assert.equal(err.data.code, code);
  assert.match(err.data.error, text);
  assert.match(err.data.requestId, /^req_/);
}

export const schemas = require('@memnexus-ai/typescript-sdk');
