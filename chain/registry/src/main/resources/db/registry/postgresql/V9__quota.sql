-- What a project may have at most; -1 stands for no limit.
CREATE TABLE quota (
  project      TEXT COLLATE "C"    PRIMARY KEY,
  bytes        BIGINT NOT NULL,
  repositories BIGINT NOT NULL,
  manifests    BIGINT NOT NULL,
  tags         BIGINT NOT NULL,
  used_bytes   BIGINT NOT NULL             -- of the blobs that it links, each once
);

-- Which tags may go. A tag that no rule is for stays; one that is kept by any rule too. -1 stands for no such reason to keep.
CREATE TABLE retention_rule (
  glob        TEXT COLLATE "C"    NOT NULL,             -- of repositories
  tags        TEXT COLLATE "C"    NOT NULL,             -- of tags
  keep_last   BIGINT NOT NULL,
  keep_newer  BIGINT NOT NULL,             -- milliseconds since it was pushed or moved
  keep_pulled BIGINT NOT NULL,             -- milliseconds since it was pulled
  untagged    BIGINT NOT NULL,             -- milliseconds after which what no tag leads to goes
  PRIMARY KEY (glob, tags)
);

-- When a manifest was last pulled, to the hour; written now and then for many.
CREATE TABLE pull (
  repository BIGINT NOT NULL REFERENCES repository,
  digest     TEXT COLLATE "C"    NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (repository, digest)
);
