// Every method of conversations, and those of memories, topics, keys, users
// and health. Both SDKs have the same methods and return {data}.

import assert from 'node:assert/strict';
import { accepts, check, refused, run, schemas } from './check.mjs';

const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const nobody = 'conv_00000000000000000000000000';
const nothing = '00000000-0000-4000-8000-000000000000';

export async function drive(name, sdk, withKey) {
  const test = (what, fn) => check(`${name}: ${what}`, fn);
  const mark = `${name.replace(/\W/g, '')}${run}`;
  await conversations(test, sdk, mark);
  await memories(test, sdk, mark);
  await named(test, sdk, mark);
  await many(test, sdk, mark);
  await commits(test, sdk, mark);
  await near(test, sdk, mark);
  await topics(test, sdk, mark);
  await keys(test, sdk, mark, withKey);
  await service(test, sdk, withKey);
}

async function conversations(test, sdk, mark) {
  const api = sdk.conversations;
  const made = await test('createConversation', async () => {
    const { data } = await api.createConversation({ title: `Close ${mark}`, summary: 'Why it takes nine days.' });
    accepts(schemas.conversation, data.data);
    assert.equal(data.data.title, `Close ${mark}`);
    assert.equal(data.data.summary, 'Why it takes nine days.');
    assert.match(data.data.createdAt, milliseconds);
    return data.data;
  });
  await test('createConversation without a summary', async () => {
    const { data } = await api.createConversation({ title: `Bare ${mark}` });
    accepts(schemas.conversation, data.data);
    assert.equal(data.data.summary, null);
  });
  await test('createConversation refuses a blank title', () =>
    refused(api.createConversation({ title: ' ' }), 422, 'INVALID_REQUEST', /title/));
  await test('getConversationSummary', async () => {
    const { data } = await api.getConversationSummary(made.id);
    accepts(schemas.conversation, data.data);
    assert.equal(data.data.id, made.id);
    assert.equal(data.data.messageCount, 0);
  });
  await test('getConversationSummary of nothing', () => refused(api.getConversationSummary(nobody), 404, 'NOT_FOUND'));
  await test('getConversationSummary with an id that has to be escaped', () =>
    refused(api.getConversationSummary('a/b ?c'), 404, 'NOT_FOUND', /conversation/));
  await test('listConversations', async () => {
    const { data } = await api.listConversations();
    data.data.forEach((c) => accepts(schemas.conversation, c));
    accepts(schemas.pagination, data.pagination);
    assert.deepEqual([data.pagination.limit, data.pagination.offset], [20, 0]);
    assert.ok(data.pagination.count >= 2);
    const at = data.data.map((c) => c.createdAt);
    assert.deepEqual(at, [...at].sort().reverse(), 'newest first');
  });
  await test('listConversations with limit and offset', async () => {
    const all = (await api.listConversations({ limit: 1000 })).data;
    const part = (await api.listConversations({ limit: 1, offset: 1 })).data;
    assert.equal(part.data.length, 1);
    assert.equal(part.data[0].id, all.data[1].id);
    assert.equal(part.pagination.count, all.pagination.count);
  });
  await test('listConversations since', async () => {
    const { data } = await api.listConversations({ since: made.createdAt, limit: 1000 });
    const ids = data.data.map((c) => c.id);
    assert.ok(!ids.includes(made.id), 'strictly after');
    assert.ok(data.data.some((c) => c.title === `Bare ${mark}`));
    assert.equal(data.pagination.count, ids.length);
  });
  await test('listConversations since a time with an offset', async () => {
    const { data } = await api.listConversations({ since: '2020-01-01T00:00:00+02:00', limit: 1000 });
    assert.ok(data.data.some((c) => c.id === made.id));
  });
  await test('listConversations refuses limits', async () => {
    await refused(api.listConversations({ limit: 1001 }), 400, 'INVALID_REQUEST', /1000/);
    await refused(api.listConversations({ limit: 0 }), 400, 'INVALID_REQUEST', /limit/);
  });
  const memory = await test('a memory in it', async () => {
    const { data } = await sdk.memories.createMemory({
      conversationId: made.id, content: `The quokka${mark} approves accruals.`, topics: [`Accruals ${mark}`],
      eventTime: '2026-03-01T08:00:00Z',
    });
    return data.data;
  });
  await sdk.memories.createMemory({ conversationId: made.id, content: 'Earlier.', eventTime: '2025-03-01T08:00:00Z' });
  await test('listConversations minMemories, by memoryCount and by lastActivityAt', async () => {
    const many = (await api.listConversations({ minMemories: 2, sortBy: 'memoryCount', order: 'desc', limit: 1000 })).data;
    const n = many.data.map((c) => c.messageCount);
    assert.ok(n.every((count) => count >= 2));
    assert.deepEqual(n, [...n].sort((a, b) => b - a));
    assert.equal(many.data.find((c) => c.id === made.id).messageCount, 2);
    const active = (await api.listConversations({ sortBy: 'lastActivityAt', order: 'desc', limit: 1 })).data;
    assert.equal(active.data[0].id, made.id);
  });
  await test('getConversationTimeline', async () => {
    const { data } = await api.getConversationTimeline(made.id);
    data.data.forEach((m) => accepts(schemas.memory, m));
    assert.equal(data.count, 2);
    assert.deepEqual(data.data.map((m) => m.content), ['Earlier.', `The quokka${mark} approves accruals.`]);
    assert.equal(data.data[1].eventTime, '2026-03-01T08:00:00.000Z');
  });
  await test('getConversationTimeline of nothing', () => refused(api.getConversationTimeline(nobody), 404, 'NOT_FOUND'));
  await test('searchConversations', async () => {
    const { data } = await api.searchConversations({ query: `who is the quokka${mark}?`, limit: 5 });
    data.data.forEach((c) => accepts(schemas.conversation, c));
    assert.equal(data.data[0].id, made.id);
    assert.equal(data.count, data.data.length);
    assert.deepEqual(data.data[0].matchedMemoryIds, [memory.id]);
    assert.match(data.data[0].snippet, new RegExp(`quokka${mark}`));
  });
  await test('searchConversations without a hit', async () => {
    const { data } = await api.searchConversations({ query: `wombat${mark}` });
    assert.deepEqual(data, { data: [], count: 0, complete: true });
  });
  await test('searchConversations refuses a blank query', () =>
    refused(api.searchConversations({ query: ' ' }), 422, 'INVALID_REQUEST', /query/));
  await test('findConversationsByTopic by name and by id', async () => {
    const byName = (await api.findConversationsByTopic({ topicId: `ACCRUALS ${mark}` })).data;
    accepts(schemas.conversation, byName.data[0]);
    assert.deepEqual([byName.count, byName.data[0].id, byName.metadata.topicId], [1, made.id, `ACCRUALS ${mark}`]);
    const topic = (await sdk.topics.getTopicById(`accruals ${mark}`)).data.data;
    const byId = (await api.findConversationsByTopic({ topicId: topic.id, limit: 3 })).data;
    assert.deepEqual([byId.count, byId.data[0].id, byId.metadata.topicId], [1, made.id, topic.id]);
  });
  await test('findConversationsByTopic that nobody has', async () => {
    const { data } = await api.findConversationsByTopic({ topicId: `none ${mark}` });
    assert.deepEqual(data, { data: [], count: 0, metadata: { topicId: `none ${mark}` } });
  });
  await test('deleteConversation', async () => {
    assert.ok(!(await api.deleteConversation(made.id)).data, '204 has no body');
    await refused(api.getConversationSummary(made.id), 404, 'NOT_FOUND');
    await refused(api.getConversationTimeline(made.id), 404, 'NOT_FOUND');
    await refused(sdk.memories.getMemoryById(memory.id), 404, 'NOT_FOUND');
    assert.equal((await api.searchConversations({ query: `quokka${mark}` })).data.count, 0);
    assert.equal((await api.findConversationsByTopic({ topicId: `accruals ${mark}` })).data.count, 0);
    await refused(api.deleteConversation(made.id), 404, 'NOT_FOUND');
  });
}

async function memories(test, sdk, mark) {
  const api = sdk.memories;
  const first = await test('createMemory in a new conversation', async () => {
    const { data } = await api.createMemory({
      conversationId: 'NEW', content: `Numbat${mark} eats termites.\nOnly termites.`, memoryType: 'semantic', role: 'user',
      context: 'zoo', topics: [`Zoo ${mark}`, 'food'], codeContext: { product: `p${mark}`, team: 'core' },
      validFrom: '2026-01-01T00:00:00Z', taskId: 't1', outcome: 'resolved', importance: 0.5,
    });
    accepts(schemas.createMemoryResponse, data);
    assert.equal(data.meta.conversationCreated, true);
    assert.equal(data.meta.sessionCreated, true);
    assert.match(data.data.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(data.data.topics, [`Zoo ${mark}`, 'food']);
    assert.deepEqual(data.data.codeContext, { product: `p${mark}`, team: 'core' });
    assert.equal(data.data.validFrom, '2026-01-01T00:00:00.000Z');
    const c = (await sdk.conversations.getConversationSummary(data.meta.conversationId)).data.data;
    assert.equal(c.title, `Numbat${mark} eats termites.`);
    return data;
  });
  const second = await test('createMemory in the same session', async () => {
    const { data } = await api.createMemory({ conversationId: first.meta.conversationId, content: `It sleeps, ${mark}.` });
    accepts(schemas.createMemoryResponse, data);
    assert.equal(data.meta.sessionId, first.meta.sessionId);
    assert.equal(data.meta.sessionCreated, false);
    assert.equal(data.data.memoryType, 'episodic');
    return data;
  });
  await test('createMemory by claudeSessionId', async () => {
    const a = (await api.createMemory({ claudeSessionId: mark, content: 'a' })).data;
    const b = (await api.createMemory({ claudeSessionId: mark, content: 'b' })).data;
    assert.deepEqual([a.meta.conversationCreated, b.meta.conversationCreated], [true, false]);
    assert.equal(a.meta.conversationId, b.meta.conversationId);
  });
  await test('createMemory without a conversation', async () => {
    const { data } = await api.createMemory({ content: `Somewhere, ${mark}.` });
    accepts(schemas.createMemoryResponse, data);
  });
  await test('createMemory refuses', async () => {
    await refused(api.createMemory({ conversationId: 'NEW', content: '' }), 422, 'INVALID_REQUEST', /content/);
    await refused(api.createMemory({ conversationId: 'NEW', content: 'x'.repeat(50001) }), 422, 'INVALID_REQUEST', /50000/);
    await refused(api.createMemory({ conversationId: nobody, content: 'x' }), 404, 'NOT_FOUND');
  });
  for (const detail of [undefined, 'minimal', 'standard', 'full']) {
    await test(`getMemoryById, detail ${detail}`, async () => {
      const { data } = await api.getMemoryById(first.data.id, detail && { detail });
      accepts(schemas.getMemoryResponse, data);
      assert.equal(data.data.content, `Numbat${mark} eats termites.\nOnly termites.`);
    });
  }
  await test('getMemoryById of nothing', () => refused(api.getMemoryById(nothing), 404, 'NOT_FOUND'));
  await test('updateMemory', async () => {
    const { data } = await api.updateMemory(first.data.id, { content: `Numbat${mark} eats ants.`, outcome: null });
    accepts(schemas.memory, data.data);
    assert.deepEqual([data.data.content, data.data.version, data.data.context], [`Numbat${mark} eats ants.`, 2, 'zoo']);
    assert.equal(data.data.outcome ?? null, null);
  });
  await listed(test, api, mark, first, second);
  await searched(test, api, mark, first);
  await test('getMemoriesBatch', async () => {
    const { data } = await api.getMemoriesBatch({ ids: [second.data.id, nothing, first.data.id] });
    accepts(schemas.batchGetMemoriesResponse, data);
    assert.deepEqual(data.data.map((m) => m.id), [second.data.id, first.data.id]);
    assert.deepEqual(data.meta, { requested: 3, found: 2, missing: [nothing] });
  });
  await test('getConversationMemories', async () => {
    const { data } = await api.getConversationMemories(first.data.id, { limit: 5 });
    data.data.forEach((r) => accepts(schemas.relatedMemoryResult, r));
    accepts(schemas.memory, data.sourceMemory);
    assert.deepEqual(data.data.map((r) => r.memory.id), [second.data.id]);
    assert.equal(data.conversationId, first.meta.conversationId);
  });
  await test('createMemoryRelationship, getMemoryRelationships, deleteMemoryRelationship', async () => {
    const { data } = await api.createMemoryRelationship(second.data.id, { targetMemoryId: first.data.id, type: 'SUPERSEDES', reason: 'newer' });
    accepts(schemas.memoryRelationship, data.data);
    const old = (await api.getMemoryById(first.data.id)).data;
    accepts(schemas.getMemoryResponse, old);
    assert.equal(old.data.effectiveState, 'superseded');
    const both = (await api.getMemoryRelationships(first.data.id)).data;
    accepts(schemas.memoryRelationshipsResponse, both);
    assert.deepEqual([both.direction, both.data], ['both', [data.data]]);
    assert.deepEqual((await api.getMemoryRelationships(first.data.id, { direction: 'outgoing' })).data.data, []);
    await api.deleteMemoryRelationship(second.data.id, data.data.id);
    assert.equal((await api.getMemoryById(first.data.id)).data.data.effectiveState, 'current');
    await refused(api.deleteMemoryRelationship(second.data.id, data.data.id), 404, 'NOT_FOUND', /relationship/);
  });
  await test('deleteMemory, twice', async () => {
    await api.deleteMemory(second.data.id);
    await refused(api.getMemoryById(second.data.id), 404, 'NOT_FOUND');
    await api.deleteMemory(second.data.id);
    await refused(api.deleteMemory(nothing), 404, 'NOT_FOUND');
  });
  await test('bulkDeleteMemories', async () => {
    const { data } = await api.bulkDeleteMemories({ ids: [first.data.id, nothing], confirmDeletion: true });
    accepts(schemas.bulkDeleteResponse, data);
    assert.deepEqual([data.deleted, data.failed, data.errors[0].id], [1, 1, nothing]);
    const c = (await sdk.conversations.getConversationSummary(first.meta.conversationId)).data.data;
    assert.equal(c.messageCount, 0);
  });
}

async function listed(test, api, mark, first, second) {
  const conversationId = first.meta.conversationId;
  await test('listMemories', async () => {
    const { data } = await api.listMemories({ conversationId, sortBy: 'createdAt', order: 'asc' });
    data.data.forEach((m) => accepts(schemas.memory, m));
    accepts(schemas.pagination, data.pagination);
    assert.deepEqual(data.data.map((m) => m.id), [first.data.id, second.data.id]);
    assert.equal(data.pagination.count, 2);
    assert.equal(data.filtersApplied.conversationId, conversationId);
  });
  await test('listMemories by page', async () => {
    const { data } = await api.listMemories({ conversationId, limit: 1, page: 2 });
    assert.deepEqual([data.data[0].id, data.pagination.offset], [first.data.id, 1]);
  });
  await test('listMemories by topics and scope', async () => {
    const some = (await api.listMemories({ topics: `zoo ${mark},none` })).data;
    assert.deepEqual(some.data.map((m) => m.id), [first.data.id]);
    const none = (await api.listMemories({ topics: `zoo ${mark}`, excludeTopics: 'food' })).data;
    assert.equal(none.pagination.count, 0);
    const scoped = (await api.listMemories({ scope: `product:p${mark},team:core` })).data;
    assert.deepEqual(scoped.data.map((m) => m.id), [first.data.id]);
  });
  await test('listMemories by time', async () => {
    const { data } = await api.listMemories({ conversationId, recent: '24h', to: '2100-01-01T00:00:00Z' });
    assert.equal(data.pagination.count, 2);
  });
  await test('listMemories by the beginning of an id', async () => {
    const { data } = await api.listMemories({ idPrefix: first.data.id.slice(0, 8), limit: 10, offset: 0 });
    assert.deepEqual(data.data.map((m) => m.id), [first.data.id]);
  });
  await test('listMemories refuses', () => refused(api.listMemories({ limit: 1001 }), 400, 'INVALID_REQUEST', /1000/));
}

async function searched(test, api, mark, first) {
  const found = (data) => {
    accepts(schemas.searchResponse, data);
    assert.deepEqual(data.data.map((m) => m.id), [first.data.id]);
    assert.equal(data.data[0].conversationId, first.meta.conversationId);
    assert.ok(data.data[0].preview.length <= 200);
    assert.deepEqual([data.meta.total, data.meta.page], [1, 1]);
  };
  await test('searchMemories', async () => {
    found((await api.searchMemories({ query: `numbat${mark}`, limit: 10, searchMethod: 'hybrid', includeTopics: true })).data);
    found((await api.searchMemories({ query: `numbat${mark}`, topics: [`Zoo ${mark}`], memoryType: 'semantic' })).data);
    const none = (await api.searchMemories({ query: `numbat${mark}`, memoryType: 'procedural' })).data;
    accepts(schemas.searchResponse, none);
    assert.equal(none.meta.total, 0);
  });
  await test('searchMemoriesGet', async () => {
    found((await api.searchMemoriesGet({ q: `numbat${mark}`, topics: `zoo ${mark},none`, limit: 5, mode: 'unified' })).data);
    await refused(api.searchMemoriesGet({}), 400, 'INVALID_REQUEST', /q/);
  });
  await test('search refuses', () => refused(api.searchMemories({ query: '' }), 422, 'INVALID_REQUEST', /query/));
}

async function many(test, sdk, mark) {
  const api = sdk.memories;
  const topic = `Harbour ${mark}`;
  const ids = [];
  for (const content of ['one', 'two']) {
    ids.push((await api.createMemory({ conversationId: 'NEW', content: `${content} ${mark}`, topics: [topic] })).data.data.id);
  }
  await test('bulkTagMemories', async () => {
    const { data } = await api.bulkTagMemories({ ids: [...ids, nothing], addTopics: [`Pier ${mark}`], removeTopics: ['none'] });
    accepts(schemas.bulkTagResponse, data);
    assert.deepEqual([data.modified, data.failed, data.errors[0].id], [2, 1, nothing]);
    await refused(api.bulkTagMemories({ ids }), 422, 'INVALID_REQUEST', /addTopics/);
  });
  await test('bulkUpdateMemories', async () => {
    const { data } = await api.bulkUpdateMemories({ ids, updates: { memoryType: 'semantic' } });
    accepts(schemas.bulkUpdateResponse, data);
    assert.deepEqual([data.updated, data.failed], [2, 0]);
    assert.equal((await api.getMemoryById(ids[0])).data.data.memoryType, 'semantic');
  });
  await test('getMemoriesStats', async () => {
    for (const groupBy of ['day', 'week', 'month']) {
      const { data } = await api.getMemoriesStats({ groupBy, recent: '1mo', topic });
      assert.deepEqual([data.groupBy, data.total, data.data.length, data.data[0].count], [groupBy, 2, 1, 2]);
      assert.equal(data.filters.topic, topic);
    }
    const { data } = await api.getMemoriesStats({ groupBy: 'topic', topic, after: '2020-01-01', before: '2999-01-01', limit: 1 });
    assert.deepEqual(data.data, [{ bucket: topic, count: 2 }]);
  });
}

async function near(test, sdk, mark) {
  const api = sdk.memories;
  const add = async (body) => (await api.createMemory(body)).data.data;
  const source = await add({ conversationId: 'NEW', content: `Tapir${mark} swims the river.`, topics: [`Tapirs ${mark}`], eventTime: '2026-01-02T00:00:00Z' });
  const twin = await add({
    conversationId: source.conversationId, content: `The river is where tapir${mark} swims.`, topics: [`Tapirs ${mark}`, `Rivers ${mark}`],
    eventTime: '2026-01-03T00:00:00Z',
  });
  for (const method of ['getSimilarMemories', 'getRelatedMemories']) {
    await test(method, async () => {
      const { data } = await api[method](source.id, { limit: 5 });
      data.data.forEach((r) => accepts(schemas.relatedMemoryResult, r));
      accepts(schemas.memory, data.sourceMemory);
      assert.equal(data.data[0].memory.id, twin.id);
      await refused(api[method](nothing), 404, 'NOT_FOUND');
    });
  }
  await test('getMemoryTimeline', async () => {
    const { data } = await api.getMemoryTimeline(source.id, { before: 5, after: 5 });
    [data.data.memory, ...data.data.following].forEach((m) => accepts(schemas.memory, m));
    assert.deepEqual([data.data.preceding.length, data.data.following[0].id], [0, twin.id]);
  });
  await test('buildContext', async () => {
    const { data } = await api.buildContext({ context: `where tapir${mark} swims`, files: ['zoo/tapir.go'], recentHours: 48 });
    accepts(schemas.buildContextResponse, data);
    const sources = data.relevantFacts.map((f) => f.sourceMemoryId); // near words of other runs may follow
    assert.deepEqual(sources.slice(0, 2).sort(), [source.id, twin.id].sort());
    assert.equal(data.activeWork.conversationId, source.conversationId);
    accepts(schemas.buildContextResponse, (await api.buildContext({ context: `tapir${mark}`, scope: 'product:none' })).data);
    await refused(api.buildContext({ context: 'x', scope: 'colour:red' }), 422, 'INVALID_REQUEST', /scope/);
  });
}

async function commits(test, sdk, mark) {
  const api = sdk.memories;
  const branch = `spike-${mark}`;
  const made = await test('createCommitContextMemory', async () => {
    const git = { sha: 'c0ffee0123', shortSha: 'c0ffee0', branch, message: 'Brew', timestamp: '2026-05-01T10:00:00+02:00', filesChanged: ['cup'], insertions: 1, deletions: 0 };
    const { data } = await api.createCommitContextMemory({ git, session: { agent: 'mx' }, diff: '+1', transcript: 'long', codeContext: { product: 'cafe' } });
    assert.equal(data.data.context, `commit:c0ffee0 branch:${branch} agent:mx`);
    await refused(api.createCommitContextMemory({ git: {} }), 422, 'INVALID_REQUEST', /git.sha/);
    return data.data;
  });
  await test('searchMemoriesGet without words, by topics', async () => {
    const { data } = await api.searchMemoriesGet({ topics: `branch:${branch}`, limit: 10, sortBy: 'createdAt', order: 'desc' });
    accepts(schemas.searchResponse, data);
    assert.deepEqual(data.data.map((m) => m.id), [made.memoryId]);
  });
}

async function named(test, sdk, mark) {
  const api = sdk.memories;
  const name = `deploy-${mark}`.toLowerCase();
  const made = await test('createMemory with a name', async () => {
    const { data } = await api.createMemory({ conversationId: 'NEW', content: '1. Tag.', name, memoryType: 'procedural' });
    accepts(schemas.createMemoryResponse, data);
    assert.deepEqual([data.data.name, data.data.version], [name, 1]);
    return data.data;
  });
  await test('createMemory with a name that is taken', () =>
    refused(api.createMemory({ conversationId: 'NEW', content: 'x', name }), 409, 'MEMORY_NAME_CONFLICT'));
  await test('getMemoryByName', async () => {
    const { data } = await api.getMemoryByName(name, { detail: 'standard' });
    accepts(schemas.getMemoryResponse, data);
    assert.equal(data.data.id, made.id);
    await refused(api.getMemoryByName(`no-${name}`), 404, 'NOT_FOUND');
  });
  await test('updateNamedMemory', async () => {
    const { data } = await api.updateNamedMemory(name, { content: '1. Tag. 2. Build.' });
    accepts(schemas.memory, data.data);
    assert.deepEqual([data.data.content, data.data.memoryType, data.meta.version], ['1. Tag. 2. Build.', 'procedural', 2]);
  });
  await test('appendNamedMemory', async () => {
    const { data } = await api.appendNamedMemory(name, { block: '3. Announce.', separator: ' ' });
    accepts(schemas.memory, data.data);
    assert.deepEqual([data.data.content, data.meta.version], ['1. Tag. 2. Build. 3. Announce.', 3]);
    await refused(api.appendNamedMemory(name, { block: 'x'.repeat(50000) }), 413, 'NAMED_MEMORY_APPEND_EXHAUSTED');
    await refused(api.appendNamedMemory(`no-${name}`, { block: 'x' }), 404, 'NOT_FOUND');
  });
  await test('getNamedMemoryHistory', async () => {
    const { data } = await api.getNamedMemoryHistory(name);
    accepts(schemas.namedMemoryHistoryResponse, data);
    assert.equal(data.name, name);
    assert.deepEqual(data.versions.map((v) => v.content), ['1. Tag. 2. Build. 3. Announce.', '1. Tag. 2. Build.', '1. Tag.']);
    assert.deepEqual(data.versions.map((v) => v.effectiveState), ['current', 'superseded', 'superseded']);
    assert.equal((await api.getNamedMemoryHistory(name, { limit: 2 })).data.versions.length, 2);
    await refused(api.getNamedMemoryHistory(`no-${name}`), 404, 'NOT_FOUND');
  });
  await test('updateMemory takes a name away', async () => {
    const { data } = await api.updateMemory(made.id, { name: '' });
    accepts(schemas.memory, data.data);
    assert.equal(data.data.name, undefined);
    await refused(api.getMemoryByName(name), 404, 'NOT_FOUND');
  });
}

async function topics(test, sdk, mark) {
  const api = sdk.topics;
  await sdk.memories.createMemory({ conversationId: 'NEW', content: 'one', topics: [`Ledger ${mark}`] });
  await sdk.memories.createMemory({ conversationId: 'NEW', content: 'two', topics: [`ledger ${mark}`, `audit ${mark}`] });
  const ledger = await test('getTopicById, by name and by id', async () => {
    const byName = (await api.getTopicById(`LEDGER ${mark}`)).data.data;
    accepts(schemas.topic, byName);
    assert.deepEqual([byName.name, byName.count, byName.memoryCount], [`Ledger ${mark}`, 2, 2]);
    assert.match(byName.createdAt, milliseconds);
    assert.deepEqual((await api.getTopicById(byName.id)).data.data, byName);
    return byName;
  });
  await test('getTopicById of nothing', () => refused(api.getTopicById(nothing), 404, 'NOT_FOUND'));
  await test('listTopics', async () => {
    const { data } = await api.listTopics({ limit: 100, sortBy: 'name', order: 'asc' });
    data.data.forEach((t) => accepts(schemas.topic, t));
    accepts(schemas.pagination, data.pagination);
    assert.ok(data.pagination.count >= data.data.length);
    const byCount = (await api.listTopics({ limit: 100 })).data.data.map((t) => t.count);
    assert.deepEqual(byCount, [...byCount].sort((a, b) => b - a));
  });
  await test('searchTopics', async () => {
    const { data } = await api.searchTopics({ query: `ledg ${mark}`, limit: 5 });
    data.data.forEach((t) => accepts(schemas.topic, t));
    assert.deepEqual([data.total, data.limit, data.offset, data.data[0].id], [1, 5, 0, ledger.id]);
  });
  await test('findSimilarTopics', async () => {
    await sdk.memories.createMemory({ conversationId: 'NEW', content: 'three', topics: [`ledgers ${mark}`] });
    const { data } = await api.findSimilarTopics({ topicId: ledger.id, threshold: 0.8, limit: 1 });
    accepts(schemas.topic, data.data[0].topic);
    assert.equal(data.data[0].topic.name, `ledgers ${mark}`);
    assert.ok(data.data[0].similarity >= 0.8 && data.data[0].similarity <= 1);
  });
  await test('discoverRelatedTopics', async () => {
    const { data } = await api.discoverRelatedTopics({ topicId: ledger.id });
    data.data.forEach((t) => accepts(schemas.topic, t));
    assert.deepEqual(data.data.map((t) => t.name), [`audit ${mark}`]);
    await refused(api.discoverRelatedTopics({ topicId: nothing }), 404, 'NOT_FOUND', /topic/);
  });
  await test('mergeTopics', async () => {
    const audit = (await api.getTopicById(`audit ${mark}`)).data.data;
    const { data } = await api.mergeTopics({ sourceTopicId: audit.id, targetTopicId: ledger.id });
    accepts(schemas.topic, data.data);
    assert.deepEqual([data.data.id, data.data.count], [ledger.id, 2]);
    assert.equal((await api.getTopicById(audit.id)).data.data.id, ledger.id); // its id is the other one's now
  });
}

async function keys(test, sdk, mark, withKey) {
  const api = sdk.apiKeys;
  const made = await test('createApiKey', async () => {
    const { data } = await api.createApiKey({ body: { label: mark, scopes: ['read'], expiresAt: '2099-01-01T00:00:00Z' } });
    accepts(schemas.apiKey, data.data.keyInfo);
    assert.match(data.data.apiKey, /^cmk_live_[a-z0-9]{16}\.\w{32,}$/);
    assert.equal(data.data.keyInfo.prefix, data.data.apiKey.split('.')[0]);
    assert.equal(data.data.keyInfo.expiresAt, '2099-01-01T00:00:00.000Z');
    return data.data;
  });
  await test('createApiKey without a body', async () => {
    const { data } = await api.createApiKey();
    accepts(schemas.apiKey, data.data.keyInfo);
    await withKey(data.data.apiKey).apiKeys.deleteApiKey(data.data.keyInfo.id); // it may do what its maker may
  });
  await test('listApiKeys', async () => {
    const { data } = await api.listApiKeys();
    data.data.forEach((k) => accepts(schemas.apiKey, k));
    assert.equal(data.data.find((k) => k.id === made.keyInfo.id).label, mark);
    assert.ok(!JSON.stringify(data).includes(made.apiKey));
  });
  await test('a key that may only read', async () => {
    const reader = withKey(made.apiKey);
    assert.equal((await reader.conversations.listConversations({ limit: 1 })).data.pagination.limit, 1);
    await refused(reader.conversations.createConversation({ title: 'x' }), 403, 'PERMISSION_DENIED', /conversations:write/);
    await refused(reader.apiKeys.listApiKeys(), 403, 'PERMISSION_DENIED', /api_keys:manage/);
  });
  await test('debugUser', async () => {
    const { data } = await api.debugUser();
    const me = (await sdk.users.getCurrentUser()).data.data;
    assert.deepEqual(data.data, { userId: me.id, authMethod: 'api_key' });
  });
  await test('deleteApiKey', async () => {
    await api.deleteApiKey(made.keyInfo.id);
    await refused(withKey(made.apiKey).conversations.listConversations(), 401, 'INVALID_CREDENTIALS');
    await refused(api.deleteApiKey(made.keyInfo.id), 404, 'NOT_FOUND');
  });
}

async function service(test, sdk, withKey) {
  await test('getCurrentUser', async () => {
    const { data } = await sdk.users.getCurrentUser();
    accepts(schemas.user, data.data);
    accepts(schemas.userUsage, data.usage);
    assert.ok(data.usage.memoriesUsed > 0);
  });
  await test('getCurrentUserUsage', async () => {
    const { data } = await sdk.users.getCurrentUserUsage();
    accepts(schemas.userUsage, data.data);
  });
  await test('exportUserData', async () => {
    const { content } = (await sdk.memories.createMemory({ content: `Taken along ${run}`, conversationId: 'NEW' })).data.data;
    const { data } = await sdk.users.exportUserData();
    accepts(schemas.user, data.profile);
    data.memories.forEach((m) => accepts(schemas.memory, m));
    data.conversations.forEach((c) => accepts(schemas.conversation, c));
    assert.ok(data.memories.some((m) => m.content === content));
    assert.deepEqual(data.counts, { memories: data.memories.length, conversations: data.conversations.length, facts: 0, patterns: 0 });
    assert.deepEqual([data.facts, data.patterns], [[], []]);
    const told = new Set(data.conversations.map((c) => c.id));
    assert.ok(data.memories.every((m) => told.has(m.conversationId)));
  });
  await test('initiateAccountDeletion, cancelAccountDeletion', async () => {
    const { email } = (await sdk.users.getCurrentUser()).data.data;
    await refused(sdk.users.initiateAccountDeletion({ confirmationEmail: 'a@b.example' }), 422, 'INVALID_REQUEST', /confirmationEmail/);
    const started = (await sdk.users.initiateAccountDeletion({ confirmationEmail: email })).data;
    accepts(schemas.user, started.data);
    assert.equal(started.data.deletionStatus, 'pending_deletion');
    assert.match(started.data.deletionScheduledFor, milliseconds);
    await refused(sdk.conversations.createConversation({ title: 'Too late' }), 403, 'WORKSPACE_CLOSING');
    assert.ok((await sdk.users.exportUserData()).data.counts.memories > 0);
    const kept = (await sdk.users.cancelAccountDeletion()).data;
    accepts(schemas.user, kept.data);
    assert.deepEqual([kept.data.deletionStatus, kept.data.deletionScheduledFor], ['none', null]);
    await sdk.conversations.createConversation({ title: 'In time' });
  });
  await test('healthCheck, livenessCheck, getSystemHealth', async () => {
    accepts(schemas.healthCheck, (await sdk.health.healthCheck()).data);
    const live = (await sdk.health.livenessCheck()).data;
    assert.deepEqual([live.status, typeof live.uptime], ['alive', 'number']);
    const system = (await sdk.system.getSystemHealth()).data.data;
    assert.deepEqual([system.status, typeof system.uptime, typeof system.database], ['healthy', 'number', 'object']);
  });
  await test('getFeatureFlags, getActiveSystemAlerts, getGateStatus: there are none', async () => {
    assert.deepEqual((await sdk.system.getFeatureFlags()).data, { data: {} });
    assert.deepEqual((await sdk.alerts.getActiveSystemAlerts()).data, { alerts: [] });
    assert.deepEqual((await sdk.invites.getGateStatus()).data, { gated: false });
  });
  await test('getOpenApiSpec', async () => {
    const { data } = await sdk.system.getOpenApiSpec();
    assert.ok(data.paths['/api/conversations/{conversationId}/timeline'].get);
  });
  await test('what is not there is an honest 404', async () => {
    await refused(sdk.facts.listFacts(), 404, 'NOT_FOUND', /path/);
    await refused(sdk.memories.generateMemoryDigest({ query: 'x' }), 404, 'NOT_FOUND', /path/);
  });
  await test('a key that is none', () => refused(withKey('cmk_live_x.y').conversations.listConversations(), 401, 'INVALID_CREDENTIALS'));
}
