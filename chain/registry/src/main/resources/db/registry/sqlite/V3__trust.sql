-- Which trust policy is for which repositories. The documents are complete: nothing outside is read.
CREATE TABLE binding (
  glob          TEXT    PRIMARY KEY,
  mode          TEXT    NOT NULL,       -- OPEN, AUDIT, ENFORCE
  unsigned_push TEXT    NOT NULL,       -- PEND, REFUSE
  hide          INTEGER NOT NULL,
  name          TEXT    NOT NULL,       -- of this registry, as the policy's scopes name it
  trust         BLOB    NOT NULL,
  bound         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Raised by every change of a binding: what was decided before must be decided anew.
CREATE TABLE trust_epoch (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  value INTEGER NOT NULL
) STRICT;
INSERT INTO trust_epoch (id, value) VALUES (1, 1);

-- What was decided about a manifest of a repository.
CREATE TABLE admission (
  repository INTEGER NOT NULL REFERENCES repository,
  digest     TEXT    NOT NULL,
  state      TEXT    NOT NULL,          -- PENDING, ADMITTED, REJECTED, EXPIRED, REVOKED, EVIDENCE
  epoch      INTEGER NOT NULL,
  decided    INTEGER NOT NULL,          -- milliseconds since 1970
  via        TEXT    NOT NULL,          -- the index that it is a part of, or empty
  clauses    TEXT    NOT NULL,          -- JSON
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;

-- Where a tag will point once its manifest is admitted; readers keep what the tag points at until then.
CREATE TABLE pending_tag (
  repository INTEGER NOT NULL REFERENCES repository,
  name       TEXT    NOT NULL,
  digest     TEXT    NOT NULL,
  moved      INTEGER NOT NULL,
  PRIMARY KEY (repository, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_tag_by_digest ON pending_tag (repository, digest);
