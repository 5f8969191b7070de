-- Copies of repositories in several registries: what a source tells, what a replica knows.

-- What changed in a repository, in order; the hash of an entry covers all entries before it.
CREATE TABLE feed_entry (
  repository TEXT    NOT NULL,
  seq        INTEGER NOT NULL,
  type       TEXT    NOT NULL,          -- PUSH, DELETE, TAG, UNTAG, ADMIT, REVOKE
  digest     TEXT    NOT NULL,
  tag        TEXT    NOT NULL,          -- or empty
  media_type TEXT    NOT NULL,          -- of a PUSH, else empty
  size       INTEGER NOT NULL,
  subject    TEXT    NOT NULL,          -- of a PUSH that is about something, else empty
  at         INTEGER NOT NULL,          -- milliseconds since 1970
  hash       TEXT    NOT NULL,
  PRIMARY KEY (repository, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX feed_entry_by_digest ON feed_entry (repository, digest);

-- The last entry of each feed.
CREATE TABLE feed_head (
  repository TEXT    PRIMARY KEY,
  seq        INTEGER NOT NULL,
  hash       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to which event of the outbox the feeds are written.
CREATE TABLE feed_position (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  outbox INTEGER NOT NULL
) STRICT;
INSERT INTO feed_position (id, outbox) VALUES (1, 0);

-- Registries that told what became of our content with them. The first key of a name is its key.
CREATE TABLE region (
  name TEXT    PRIMARY KEY,
  key  TEXT    NOT NULL,                -- PEM
  seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE region_position (
  region     TEXT    NOT NULL,
  repository TEXT    NOT NULL,
  seq        INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (region, repository)
) STRICT, WITHOUT ROWID;

CREATE TABLE region_receipt (
  repository TEXT    NOT NULL,
  digest     TEXT    NOT NULL,
  region     TEXT    NOT NULL,
  verdict    TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  policy     TEXT    NOT NULL,          -- digest of the trust policy, or empty
  at         INTEGER NOT NULL,
  envelope   TEXT    NOT NULL,          -- as it was signed
  PRIMARY KEY (repository, digest, region)
) STRICT, WITHOUT ROWID;

-- Which repositories have their home elsewhere.
CREATE TABLE replication (
  id          INTEGER PRIMARY KEY,
  source      TEXT    NOT NULL,         -- https://HOST[:PORT]
  glob        TEXT    NOT NULL UNIQUE,
  follow      INTEGER NOT NULL,
  credentials TEXT    NOT NULL,         -- path of a file, or empty
  region      TEXT    NOT NULL,         -- what this registry calls itself there
  bandwidth   INTEGER NOT NULL,         -- bytes a second, 0 without limit
  source_key  TEXT    NOT NULL,         -- PEM, or empty until the first checkpoint
  created     INTEGER NOT NULL,
  ran         INTEGER NOT NULL,         -- when the last pass ended, 0 never
  failure     TEXT    NOT NULL          -- why it failed, or empty
) STRICT;

-- How far the feed of a repository was read. An entry before it is never read again.
CREATE TABLE replica_position (
  replication INTEGER NOT NULL REFERENCES replication ON DELETE CASCADE,
  repository  TEXT    NOT NULL,
  seq         INTEGER NOT NULL,
  hash        TEXT    NOT NULL,
  signed      INTEGER NOT NULL,         -- when the source signed the checkpoint
  head        INTEGER NOT NULL,         -- how long the source said that its feed is
  PRIMARY KEY (replication, repository)
) STRICT, WITHOUT ROWID;

-- Every manifest that the source has, as far as it told.
CREATE TABLE replica_content (
  replication INTEGER NOT NULL REFERENCES replication ON DELETE CASCADE,
  repository  TEXT    NOT NULL,
  digest      TEXT    NOT NULL,
  media_type  TEXT    NOT NULL,
  size        INTEGER NOT NULL,
  subject     TEXT    NOT NULL,
  held        INTEGER NOT NULL,         -- 1 when it is here with all that belongs to it
  reason      TEXT    NOT NULL,         -- why it is not, or empty
  attempts    INTEGER NOT NULL,
  retry       INTEGER NOT NULL,         -- not before this time
  judge       INTEGER NOT NULL,         -- 1 when the source may have to be told something
  told        TEXT    NOT NULL,         -- what it was told last, or empty
  PRIMARY KEY (replication, repository, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX replica_content_by_subject ON replica_content (replication, repository, subject);
CREATE INDEX replica_content_by_state ON replica_content (replication, repository, held);

CREATE TABLE replica_tag (
  replication INTEGER NOT NULL REFERENCES replication ON DELETE CASCADE,
  repository  TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  digest      TEXT    NOT NULL,
  held        INTEGER NOT NULL,
  PRIMARY KEY (replication, repository, name)
) STRICT, WITHOUT ROWID;

-- Projects whose content is fetched when somebody asks for it.
CREATE TABLE cache_project (
  project     TEXT    PRIMARY KEY,
  upstream    TEXT    NOT NULL,         -- https://HOST[:PORT][/PATH]
  credentials TEXT    NOT NULL,         -- path of a file, or empty
  ttl         INTEGER NOT NULL          -- milliseconds
) STRICT, WITHOUT ROWID;

CREATE TABLE cache_tag (
  repository TEXT    NOT NULL,
  tag        TEXT    NOT NULL,
  digest     TEXT    NOT NULL,
  checked    INTEGER NOT NULL,          -- when the upstream last said so
  PRIMARY KEY (repository, tag)
) STRICT, WITHOUT ROWID;
