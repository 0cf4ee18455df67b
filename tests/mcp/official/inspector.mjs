/*
 * The official inspector's command line drives the server.  Each of its calls
 * is a session of its own, so the agents live in a store.
 *
 * Usage   node inspector.mjs PROGRAM v1|v2
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [program, dialect] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'moorage-mcp-'));
const inspector = join(process.cwd(), 'node_modules', '.bin',
    'mcp-inspector-cli');

function inspect(...more) {
    const said = execFileSync(process.execPath, [inspector, '--cli', program,
        'mcp', '--dialect', dialect, '--limit-running', '1', '--store',
        join(folder, 'books'), ...more],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    return JSON.parse(said.slice(said.indexOf('{')));
}

function call(tool, parameters) {
    const given = Object.entries(parameters)
        .flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]);
    return inspect('--method', 'tools/call', '--tool-name', tool, ...given);
}

const spawn = (name) => call('spawn_agent', dialect === 'v1'
    ? { message: 'work' } : { message: 'work', task_name: name });

try {
    const { tools } = inspect('--method', 'tools/list');
    assert.ok(tools.some((tool) => tool.name === 'report_agent_result'));

    const spawned = spawn('one');
    assert.ok(!spawned.isError, JSON.stringify(spawned));
    const { agent_id: id, task_name: name } = spawned.structuredContent;
    const agent = id ?? name;

    const refused = spawn('two');
    assert.equal(refused.isError, true);
    const { reason, holders } = refused.structuredContent;
    assert.equal(reason, 'running');
    assert.deepEqual([id === undefined ? holders[0].agent_name
        : holders[0].agent_id], [agent]);

    call('report_agent_result', { target: agent, result: 'done' });
    const waited = call('wait_agent', dialect === 'v1'
        ? { targets: JSON.stringify([agent]), timeout_ms: 0 }
        : { timeout_ms: 0 });
    assert.ok(!waited.isError, JSON.stringify(waited));
    if (dialect === 'v1') {
        assert.deepEqual(waited.structuredContent,
            { status: { [agent]: { completed: 'done' } }, timed_out: false });
    }

    const closed = call('close_agent', { target: agent });
    assert.deepEqual(closed.structuredContent,
        { previous_status: { completed: 'done' } });
    assert.ok(!spawn('three').isError);
    console.log(`${dialect}: all as it should be`);
} finally {
    rmSync(folder, { recursive: true, force: true });
}
