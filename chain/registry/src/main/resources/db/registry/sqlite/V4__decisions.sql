-- Policy bundles of bindings, a name and a document in JSON; null if there is none.
ALTER TABLE binding ADD COLUMN policy BLOB;

-- Until when a decision counts at most, milliseconds since 1970.
ALTER TABLE admission ADD COLUMN valid_until INTEGER NOT NULL DEFAULT 0;

-- Requests for exceptions. One counts once enough others have agreed, until it expires.
CREATE TABLE waiver (
  id         INTEGER PRIMARY KEY,
  repository INTEGER NOT NULL REFERENCES repository,
  digest     TEXT    NOT NULL,
  clauses    TEXT    NOT NULL,           -- JSON, names; empty for all
  reason     TEXT    NOT NULL,
  requester  TEXT    NOT NULL,
  requested  INTEGER NOT NULL,
  expires    INTEGER NOT NULL,
  revoked    INTEGER NOT NULL DEFAULT 0, -- when; 0 if it is not
  revoked_by TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX waiver_by_digest ON waiver (repository, digest);

CREATE TABLE waiver_approval (
  waiver   INTEGER NOT NULL REFERENCES waiver,
  approver TEXT    NOT NULL,
  approved INTEGER NOT NULL,
  PRIMARY KEY (waiver, approver)
) STRICT, WITHOUT ROWID;

-- Images that somebody has taken back, whatever their evidence says.
CREATE TABLE withdrawal (
  repository INTEGER NOT NULL REFERENCES repository,
  digest     TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  author     TEXT    NOT NULL,
  withdrawn  INTEGER NOT NULL,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;

-- Signed summaries of decisions, each written once.
CREATE TABLE receipt (
  repository INTEGER NOT NULL REFERENCES repository,
  subject    TEXT    NOT NULL,
  epoch      INTEGER NOT NULL,
  decision   TEXT    NOT NULL,
  manifest   TEXT    NOT NULL,           -- the referrer that carries it
  written    INTEGER NOT NULL,
  PRIMARY KEY (repository, subject, epoch, decision)
) STRICT, WITHOUT ROWID;
