-- What collection and scrub need to know.

-- The last push, mount or question that promised somebody that the content is there; milliseconds since 1970.
ALTER TABLE blob ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
UPDATE blob SET touched = created;
ALTER TABLE link ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
UPDATE link SET touched = CAST(strftime('%s', 'now') AS INTEGER) * 1000;

-- 1 when the file was found missing or wrong; a push of the content makes it 0 again.
ALTER TABLE blob ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;
-- When the file was last read and found right; 0 never.
ALTER TABLE blob ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;

-- Deleted manifests, which can be restored until they are collected. Their parts are kept as long.
CREATE TABLE deleted_manifest (
  id         INTEGER PRIMARY KEY,
  repository INTEGER NOT NULL REFERENCES repository,
  digest     TEXT    NOT NULL,
  media_type TEXT    NOT NULL,
  deleted    INTEGER NOT NULL,
  tags       TEXT    NOT NULL,          -- JSON array
  bytes      BLOB    NOT NULL,
  UNIQUE (repository, digest)
) STRICT;
CREATE INDEX deleted_manifest_by_time ON deleted_manifest (deleted);

CREATE TABLE deleted_edge (
  manifest INTEGER NOT NULL REFERENCES deleted_manifest ON DELETE CASCADE,
  child    TEXT    NOT NULL,
  PRIMARY KEY (manifest, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX deleted_edge_by_child ON deleted_edge (child);
