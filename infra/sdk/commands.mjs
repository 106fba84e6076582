// Every command of mx, one after the other or, with those that mx.mjs looks at
// more closely, all: each works, or says that what it needs is not here.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { base, check, key, run } from './check.mjs';
import { methods } from './methods.mjs';
import { atHome, fails, mx, ok, ran, tree } from './mx.mjs';

// What mx makes of a 404: its exit code, and what it says.
const absent = [1, /Not Found/];

// A command with what it needs ({memory} and the like are of seed), the method
// of the SDK that it stands or falls with, if any, and what it says when it
// works. Whether it has to, internal/docs/memnexus.md says of its method; the
// last column is how one ends that ends otherwise than by `absent`.
const commands = [
  ['auth status', '', /Configured \(via environment\)/],
  ['auth whoami', 'users.getCurrentUser', /isTestUser .*false/],
  ['auth logout', '', /API key removed/],
  ['config set defaultPageSize 30', '', /defaultPageSize/],
  ['config get defaultPageSize', '', /\d/],
  ['config list', '', /apiUrl .*http/],
  ['config reset', '', /reset to defaults/],
  ['config agent', '', /Effective Defaults/],
  ['config env', '', /MX_API_URL/],
  ['config dev', '', /dev environment/],
  ['config prod', '', /prod environment/],

  ['memories history {name}', 'memories.getNamedMemoryHistory', /{name}/],
  ['memories relationships create {memory} --target {older} --type SUPERSEDES', 'memories.createMemoryRelationship', /SUPERSEDES/],
  ['memories relationships list {memory}', 'memories.getMemoryRelationships', /./],
  ['memories relationships delete {memory} {relationship}', 'memories.deleteMemoryRelationship', /[Dd]eleted/],
  ['memories timeline {memory}', 'memories.getMemoryTimeline', /./],
  ['memories detect-relationships {memory}', 'memories.detectMemoryRelationships', /./],
  ['memories digest --query {word}', 'memories.generateMemoryDigest', /./],
  ['memories status --query {word}', 'memories.generateMemoryDigest', /./],
  ['memories recap --recent 1h', 'memories.listMemories', /Found \d+ memories/],
  ['memories build-context --context {word}', 'memories.buildContext', /./],
  ['memories stats --group-by day', 'memories.getMemoriesStats', /20\d\d-\d\d-\d\d/],
  ['memories stats --group-by week', 'memories.getMemoriesStats', /20\d\d/],
  ['memories stats --group-by month', 'memories.getMemoriesStats', /20\d\d-\d\d/],
  ['memories stats --group-by topic', 'memories.getMemoriesStats', /./],
  ['memories get {memory} --similar', 'memories.getSimilarMemories', /./],
  ['memories get {memory} --related', 'memories.getRelatedMemories', /./],

  ['facts list', 'facts.listFacts', /./],
  ['facts get none', 'facts.getFactById', /./],
  ['facts create --subject a --predicate b --object c', 'facts.createFact', /./],
  ['facts update none --subject a', 'facts.updateFact', /./],
  ['facts delete none --force', 'facts.deleteFact', /./],
  ['facts search --query a', 'facts.searchFacts', /./, [0, /No facts found/]], // what it makes of a 404

  ['topics search --query {word}', 'topics.searchTopics', /{word}/],
  ['topics discover-related --topic {topic}', 'topics.discoverRelatedTopics', /{word}/],
  ['topics find-similar --topic-id {topic} --threshold 0.5', 'topics.findSimilarTopics', /{word}/],
  ['topics similarity --topic-id-1 {topic} --topic-id-2 {topic}', 'topics.calculateTopicSimilarity', /./],
  ['topics cluster', 'topics.clusterTopics', /./],
  ['topics detect-communities', 'topics.detectCommunities', /./],

  ['entities list', 'entities.listEntities', /./],
  ['entities get none', 'entities.getEntityById', /./],
  ['entities memories none', 'entities.getEntityMemories', /./],
  ['entities health', 'entities.getGraphHealth', /./],

  ['patterns list', 'patterns.listPatterns', /./],
  ['patterns compile', 'patterns.compilePatterns', /./],
  ['patterns update none --active true', 'patterns.updatePattern', /./],
  ['patterns feedback --pattern-id none --feedback-type positive', 'patterns.recordPatternFeedback', /./],
  ['patterns behavior-state', 'behavior.getBehavioralState', /./],
  ['patterns set-behavior-state --state {}', 'behavior.updateBehavioralState', /./],
  ['patterns detect', 'patterns.detectPatterns', /./],
  ['patterns analyze', 'patterns.analyzePatterns', /./],
  ['patterns compile-instructions', 'patterns.compileInstructions', /./],

  ['graphrag query --query a', 'graphrag.executeGraphRAGQuery', /./],
  ['graphrag explain none', 'graphrag.explainGraphRAGQuery', /./],
  ['graphrag query-communities --query a', 'graphrag.queryCommunities', /./],

  ['artifacts list', 'artifacts.listArtifacts', /./],
  ['artifacts get none', 'artifacts.getArtifactById', /./],
  ['artifacts create --name a --type text --data {}', 'artifacts.createArtifact', /./],
  ['artifacts update none --name a', 'artifacts.updateArtifact', /./],
  ['artifacts delete none --force', 'artifacts.deleteArtifact', /./],

  ['system status', 'system.getContextStatus', /./],
  ['system features', 'system.getFeatureFlags', /./],

  ['narratives list', 'narratives.listNarratives', /./],
  ['narratives get none', 'narratives.getNarrative', /./],
  ['narratives create --title a --root-memory-id {memory} --topics a', 'narratives.createNarrative', /./],
  ['narratives update none --title a', 'narratives.updateNarrative', /./],
  ['narratives delete none --force', 'narratives.deleteNarrative', /./],
  ['narratives timeline none', 'narratives.getNarrativeTimeline', /./],

  ['setup claude-code --print-config', '', /mcpServers/],
  ['setup verify', '', /./],
  ['setup rules --print', '', /MEMNEXUS RULES/],
  ['setup remove --agent claude-code', '', /./],
  ['setup hooks --dry-run --yes', '', /post-commit/],
  ['setup skills --list', '', /mx-save/],
  ['mcp status', '', /Bridge Status/],
  ['mcp logs --path', '', /mcp-bridge\.log/],
  ['mcp hooks remove', '', /hooks removed/],
  ['mcp doctor', 'users.getCurrentUser', /Authenticated \(server reachable\)/],
  ['mcp list', '', /./],
  ['hook post-commit --dry-run --no-sync --summarizer heuristic', '', /./],
  ['commit-context list --local', '', /./],
  ['commit-context list', 'memories.searchMemoriesGet', /{short}/],
  ['commit-context show {sha}', 'memories.searchMemoriesGet', /A commit/],
  ['commit-context sync', '', /./],
  ['agent-help', '', /mx memories create/],
];

// Commands that are not run: they reach beyond the server that is tested.
const unrun = [
  'update', // asks the registry of packages, and installs
  'mcp restart', // ends every bridge of the machine
  'mcp serve', // carries what a server of MCP says
];

export async function driveCommands() {
  const page = methods();
  await atHome(async (repository) => {
    const seeded = await seed(repository);
    const waiting = [...commands];
    const one = async () => {
      for (let row; (row = waiting.shift());) await command(row, page, seeded, repository);
    };
    await Promise.all([one(), one(), one()]);
  });
  await check('mx: every command was run', async () => {
    const missed = (await tree()).filter((name) => !unrun.includes(name) && !ran.some((line) => `${line} `.startsWith(`${name} `)));
    assert.deepEqual(missed, []);
  });
}

// command runs one, at a home of its own, as others do at the same time.
async function command([line, method, text, otherwise = absent], page, seeded, repository) {
  const here = !method || !page.get(method).here.startsWith('not here');
  await check(`mx: ${line}${here ? '' : ', which is not here'}`, () => atHome(async (home) => {
    const args = line.split(' ').map((word) => word.replace(/{(\w+)}/g, (_, name) => seeded[name]));
    const result = await mx(home, { MX_API_KEY: key, PWD: repository }, { cwd: repository }, ...args);
    if (here) assert.match(ok(result) + result.stderr, new RegExp(text.source.replace(/{(\w+)}/g, (_, name) => seeded[name])));
    else fails(result, ...otherwise);
  }));
}

// seed makes what the commands are about.
async function seed(repository) {
  const git = (...args) => execFileSync('git', ['-C', repository, '-c', 'user.name=m', '-c', 'user.email=m@example.org', ...args], { encoding: 'utf8' });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'A commit');
  const word = `wallaby${run}`;
  const send = async (path, body) => {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    return (await fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const remember = async (more) => (await send('/api/memories', { conversationId: 'NEW', content: `A ${word}.`, topics: [word, `${word}s`], ...more })).data.id;
  const [older, old, memory] = [await remember(), await remember(), await remember()];
  const name = `named-${run}`;
  await remember({ name });
  const relationship = (await send(`/api/memories/${memory}/relationships`, { targetMemoryId: old, type: 'SUPERSEDES' })).data?.id ?? 'none';
  const topic = (await send('/api/topics/search', { query: word, limit: 1 })).data[0].id;
  await mx(repository, { MX_API_KEY: key }, {}, 'hook', 'post-commit', '--summarizer', 'heuristic'); // says nothing
  const sha = git('rev-parse', 'HEAD').trim();
  return { word, older, memory, name, relationship, topic, sha, short: sha.slice(0, 7) };
}
