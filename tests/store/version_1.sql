-- A store as version 1 left it; kept, so that it can be read for ever.
PRAGMA application_id=1836019570;
PRAGMA user_version=1;
CREATE TABLE agents(
 seq INTEGER PRIMARY KEY,
 id BLOB NOT NULL UNIQUE CHECK(length(id)=16),
 parent BLOB CHECK(length(parent)=16),
 path TEXT NOT NULL,
 nickname TEXT,
 role TEXT,
 turn INTEGER NOT NULL,
 status TEXT NOT NULL,
 result BLOB,
 edge TEXT NOT NULL CHECK(edge IN ('open','closed')));
CREATE TABLE meta(name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
INSERT INTO agents VALUES
 (1, x'01900000000070008000000000000001', NULL, '/root/planner', 'Plato',
  NULL, 5, 'running', NULL, 'open'),
 (2, x'01900000000070008000000000000002',
  x'01900000000070008000000000000001', '/root/planner/worker', NULL,
  'explorer', 4, 'completed', CAST('done' AS BLOB), 'open'),
 (3, x'01900000000070008000000000000003', NULL, '/root/gone', NULL,
  NULL, 1, 'shutdown', NULL, 'closed'),
 (4, x'01900000000070008000000000000004',
  x'01900000000070008000000000000003', '/root/gone/kept', NULL, NULL, 1,
  'interrupted', NULL, 'open');
INSERT INTO meta VALUES ('turn', 5), ('limit_running', 3),
 ('limit_depth', 4294967295), ('limit_children', 4294967295),
 ('limit_lifetime', 4294967295), ('release', 'on_completion'),
 ('close_rule', 'adopt');
