-- What a project may have at most; -1 stands for no limit.
CREATE TABLE quota (
  project      TEXT    PRIMARY KEY,
  bytes        INTEGER NOT NULL,
  repositories INTEGER NOT NULL,
  manifests    INTEGER NOT NULL,
  tags         INTEGER NOT NULL,
  used_bytes   INTEGER NOT NULL             -- of the blobs that it links, each once
) STRICT, WITHOUT ROWID;

-- Which tags may go. A tag that no rule is for stays; one that is kept by any rule too. -1 stands for no such reason to keep.
CREATE TABLE retention_rule (
  glob        TEXT    NOT NULL,             -- of repositories
  tags        TEXT    NOT NULL,             -- of tags
  keep_last   INTEGER NOT NULL,
  keep_newer  INTEGER NOT NULL,             -- milliseconds since it was pushed or moved
  keep_pulled INTEGER NOT NULL,             -- milliseconds since it was pulled
  untagged    INTEGER NOT NULL,             -- milliseconds after which what no tag leads to goes
  PRIMARY KEY (glob, tags)
) STRICT, WITHOUT ROWID;

-- When a manifest was last pulled, to the hour; written now and then for many.
CREATE TABLE pull (
  repository INTEGER NOT NULL REFERENCES repository,
  digest     TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;

-- Who is told of events, and how that goes. Its place in the outbox is that of the reader webhook.ID.
CREATE TABLE webhook (
  id       INTEGER PRIMARY KEY,
  url      TEXT    NOT NULL,
  events   TEXT    NOT NULL,                -- patterns of types, with commas between them
  secret   BLOB    NOT NULL,
  created  INTEGER NOT NULL,
  failures INTEGER NOT NULL,                -- of the event that is next
  since    INTEGER NOT NULL,                -- the first of these failures; 0 none
  retry    INTEGER NOT NULL,                -- not before
  error    TEXT    NOT NULL
) STRICT;

-- Events that a webhook would not take.
CREATE TABLE webhook_dead (
  webhook  INTEGER NOT NULL REFERENCES webhook ON DELETE CASCADE,
  seq      INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  error    TEXT    NOT NULL,
  PRIMARY KEY (webhook, seq)
) STRICT, WITHOUT ROWID;
