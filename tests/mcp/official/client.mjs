/*
 * The official client of the Model Context Protocol drives the server, which
 * checks each answer against the schema that the server has given for it.
 *
 * Usage   node client.mjs PROGRAM v1|v2
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [program, dialect] = process.argv.slice(2);
const SLOTS = 3;

/* The packages are in the build, beside which this file is not. */
const require = createRequire(join(process.cwd(), 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { Client } = await load('@modelcontextprotocol/client');
const { StdioClientTransport } =
    await load('@modelcontextprotocol/client/stdio');

const folder = mkdtempSync(join(tmpdir(), 'moorage-mcp-'));
const gate = join(folder, 'gate');
const untilOpen = `while ! test -e '${gate}'; do sleep 0.01; done; echo open`;

async function connect(options = {}) {
    const client = new Client({ name: 'test', version: '1' }, options);
    await client.connect(new StdioClientTransport({
        command: program,
        args: ['mcp', '--dialect', dialect, '--limit-running', `${SLOTS}`,
            '--exec', 'sh'],
        stderr: 'inherit',
    }));
    return client;
}

let named = 0;
function spawning(message) {
    named += 1;
    return {
        name: 'spawn_agent',
        arguments: dialect === 'v1' ? { message }
            : { message, task_name: `a${named}` },
    };
}

const nameOf = (spawned) => dialect === 'v1'
    ? spawned.structuredContent.agent_id : spawned.structuredContent.task_name;

const waitingFor = (agent) => ({
    name: 'wait_agent',
    arguments: dialect === 'v1' ? { targets: [agent] } : {},
});

async function toolsAreListed(client) {
    const { tools } = await client.listTools();
    const names = tools.map((tool) => tool.name).sort();
    assert.deepEqual(names, dialect === 'v1'
        ? ['close_agent', 'interrupt_agent', 'list_agents', 'resume_agent',
            'send_input', 'spawn_agent', 'wait_agent']
        : ['close_agent', 'followup_task', 'interrupt_agent', 'list_agents',
            'send_message', 'spawn_agent', 'wait_agent']);
    for (const tool of tools) {
        assert.equal(tool.inputSchema.type, 'object');
        assert.equal(tool.outputSchema.type, 'object');
    }
}

async function spawnToTheLimit(client) {
    const agents = [];
    for (let i = 0; i < SLOTS; i += 1) {
        const spawned = await client.callTool(spawning(untilOpen));
        assert.ok(!spawned.isError, JSON.stringify(spawned));
        agents.push(nameOf(spawned));
    }
    const refused = await client.callTool(spawning('echo never'));
    assert.equal(refused.isError, true);
    const { reason, used, limit, holders, would_free: frees } =
        refused.structuredContent;
    assert.deepEqual([reason, used, limit], ['running', SLOTS, SLOTS]);
    assert.deepEqual(holders.map((holder) => dialect === 'v1'
        ? holder.agent_id : holder.agent_name), agents);
    assert.match(frees, /close_agent/);
    return agents;
}

/* Fifty calls, all sent before one is answered, while one waits and tells how
 * long it has. */
async function fiftyBesideOneThatWaits(client, agent) {
    let answered = false;
    let progress = 0;
    let told;
    const first = new Promise((resolve) => { told = resolve; });
    const waiting = client.callTool(waitingFor(agent), {
        onprogress: () => { progress += 1; told(); },
    }).then((result) => { answered = true; return result; });
    const fifty = await Promise.all(Array.from({ length: 50 }, () =>
        client.callTool({ name: 'list_agents', arguments: {} })));
    assert.equal(answered, false);
    for (const result of fifty) {
        assert.equal(result.structuredContent.agents.length, SLOTS);
    }
    await first;
    assert.equal(answered, false);
    writeFileSync(gate, '');
    const { structuredContent: waited } = await waiting;
    assert.equal(waited.timed_out, false);
    if (dialect === 'v1') {
        assert.deepEqual(waited.status, { [agent]: { completed: 'open' } });
    }
    assert.ok(progress >= 1);
}

async function closeAndSpawnAgain(client, agents) {
    for (const agent of agents) {
        const closed = await client.callTool(
            { name: 'close_agent', arguments: { target: agent } });
        assert.ok(!closed.isError);
    }
    const again = nameOf(await client.callTool(spawning('exec sleep 600')));
    const listed = await client.callTool(
        { name: 'list_agents', arguments: {} });
    assert.deepEqual(listed.structuredContent.agents.map((one) =>
        dialect === 'v1' ? one.agent_id : one.agent_name), [again]);
    return again;
}

async function cancelAWait(client, agent) {
    if (dialect === 'v2') { // what has ended before is no longer news
        await client.callTool(
            { name: 'wait_agent', arguments: { timeout_ms: 0 } });
    }
    const stop = new AbortController();
    const waiting = client.callTool(waitingFor(agent),
        { signal: stop.signal });
    await client.callTool({ name: 'list_agents', arguments: {} });
    stop.abort('no longer wanted');
    await assert.rejects(waiting);
    await client.ping();
}

async function badCallsAreErrors(client) {
    await assert.rejects(
        client.callTool({ name: 'unheard_of', arguments: {} }));
    const bad = await client.callTool(
        { name: 'close_agent', arguments: { target: 7 } });
    assert.equal(bad.isError, true);
    assert.equal(bad.structuredContent.error, 'bad_argument');
}

try {
    const client = await connect();
    assert.equal(client.getServerVersion().name, 'moorage');
    await toolsAreListed(client);
    const agents = await spawnToTheLimit(client);
    await fiftyBesideOneThatWaits(client, agents[1]);
    const again = await closeAndSpawnAgain(client, agents);
    await cancelAWait(client, again);
    await badCallsAreErrors(client);
    await client.close();
    /* One that asks for the newer era first is served as well. */
    const newer = await connect({ versionNegotiation: { mode: 'auto' } });
    await toolsAreListed(newer);
    await newer.close();
    console.log(`${dialect}: all as it should be`);
} finally {
    rmSync(folder, { recursive: true, force: true });
}
