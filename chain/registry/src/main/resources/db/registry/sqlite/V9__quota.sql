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
