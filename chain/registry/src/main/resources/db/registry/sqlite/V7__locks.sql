-- What may not be changed or seen: attributes of repositories, manifests and tags. No row: everything is enabled.
CREATE TABLE attribute_lock (
  repository     INTEGER NOT NULL REFERENCES repository,
  kind           TEXT    NOT NULL,          -- REPOSITORY, MANIFEST, TAG
  name           TEXT    NOT NULL,          -- empty, digest, tag
  delete_enabled INTEGER NOT NULL,
  write_enabled  INTEGER NOT NULL,
  read_enabled   INTEGER NOT NULL,
  list_enabled   INTEGER NOT NULL,
  set_by         TEXT    NOT NULL,
  changed        INTEGER NOT NULL,          -- milliseconds since 1970
  PRIMARY KEY (repository, kind, name)
) STRICT, WITHOUT ROWID;

-- Tags that, once they point at something, point at it for ever.
CREATE TABLE immutable_rule (
  glob    TEXT    NOT NULL,                 -- of repositories
  tags    TEXT    NOT NULL,                 -- of tags
  set_by  TEXT    NOT NULL,
  since   INTEGER NOT NULL,
  PRIMARY KEY (glob, tags)
) STRICT, WITHOUT ROWID;

-- Content that must be kept, whatever else is said; rows stay when a hold is released.
CREATE TABLE legal_hold (
  id          INTEGER PRIMARY KEY,
  repository  INTEGER NOT NULL REFERENCES repository,
  digest      TEXT    NOT NULL,
  reason      TEXT    NOT NULL,
  set_by      TEXT    NOT NULL,
  since       INTEGER NOT NULL,
  released    INTEGER NOT NULL,             -- 0 while it holds
  released_by TEXT    NOT NULL
) STRICT;
CREATE INDEX legal_hold_by_digest ON legal_hold (repository, digest);
CREATE INDEX referrer_by_digest ON referrer (repository, digest);

-- When a tag came to be; 0 if it was made before this was written down.
ALTER TABLE tag ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
