-- A project is the first component of a repository's name; one without a row is open.
CREATE TABLE project (
  name TEXT PRIMARY KEY,
  open INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE repository (
  id      INTEGER PRIMARY KEY,
  name    TEXT    NOT NULL UNIQUE,
  created INTEGER NOT NULL
) STRICT;

-- Content that is in the blob store. The files are the truth for bytes, these tables for meaning.
CREATE TABLE blob (
  digest  TEXT PRIMARY KEY,
  size    INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A blob can be had from a repository only through a link.
CREATE TABLE link (
  repository INTEGER NOT NULL REFERENCES repository,
  digest     TEXT    NOT NULL REFERENCES blob,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_digest ON link (digest);

CREATE TABLE manifest (
  id            INTEGER PRIMARY KEY,
  repository    INTEGER NOT NULL REFERENCES repository,
  digest        TEXT    NOT NULL,
  media_type    TEXT    NOT NULL,
  artifact_type TEXT,
  subject       TEXT,
  size          INTEGER NOT NULL,
  pushed        INTEGER NOT NULL,
  bytes         BLOB    NOT NULL,
  UNIQUE (repository, digest)
) STRICT;

-- What a manifest is made of: config, layer, manifest.
CREATE TABLE edge (
  manifest INTEGER NOT NULL REFERENCES manifest ON DELETE CASCADE,
  child    TEXT    NOT NULL,
  role     TEXT    NOT NULL,
  PRIMARY KEY (manifest, child, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX edge_by_child ON edge (child);

-- Tags sort by their bytes, as the distribution specification asks.
CREATE TABLE tag (
  repository INTEGER NOT NULL REFERENCES repository,
  name       TEXT    NOT NULL,
  digest     TEXT    NOT NULL,
  moved      INTEGER NOT NULL,
  PRIMARY KEY (repository, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_by_digest ON tag (repository, digest);

-- What the referrers API reports, ready to be sent. The subject need not exist.
CREATE TABLE referrer (
  repository    INTEGER NOT NULL REFERENCES repository,
  subject       TEXT    NOT NULL,
  digest        TEXT    NOT NULL,
  media_type    TEXT    NOT NULL,
  size          INTEGER NOT NULL,
  artifact_type TEXT,
  annotations   TEXT    NOT NULL,
  PRIMARY KEY (repository, subject, digest)
) STRICT, WITHOUT ROWID;
