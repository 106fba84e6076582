// All checks, one after the other; see run.

import { check, finish, key, base, require, run } from './check.mjs';
import { drive } from './drive.mjs';
import { driveMethods } from './methods.mjs';
import { driveCommand } from './mx.mjs';
import { driveCommands } from './commands.mjs';
import { driveLimits } from './limit.mjs';
import { driveStreams } from './sse.mjs';

const { Memnexus } = require('@memnexus-ai/typescript-sdk');
const { MemNexus } = require('@memnexus-ai/sdk');

// The first one tries everything three times, also what was refused, unless
// it is told not to.
const typescript = (token) => new Memnexus({ baseUrl: base, token, retry: { attempts: 1 } });
const node = (apiKey) => new MemNexus({ baseUrl: base, apiKey });

await driveMethods();
await drive('typescript-sdk', typescript(key), typescript);
await drive('sdk', node(key), node);
await check('typescript-sdk: a base URL with a slash at its end', async () => {
  await new Memnexus({ baseUrl: `${base}/`, token: key }).conversations.listConversations({ limit: 1 });
});
await check('sdk: remember, search and forget', async () => {
  const sdk = node(key);
  const { data } = await sdk.remember(`A bilby${run} listens.`, { conversationId: 'NEW' });
  const found = await sdk.search(`bilby${run}`);
  if (found.data.data[0].id !== data.data.id) throw new Error(`found ${JSON.stringify(found.data)}`);
  await sdk.forget(data.data.id);
});
await driveCommand();
await driveCommands();
await driveStreams();
if (process.env.GRIOT) await driveLimits(); // its operator is at hand

process.exit(finish() ? 0 : 1); // a client that failed may go on for ever
