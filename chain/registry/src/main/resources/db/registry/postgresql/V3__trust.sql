-- Which trust policy is for which repositories. The documents are complete: nothing outside is read.
CREATE TABLE binding (
  glob          TEXT COLLATE "C" PRIMARY KEY,
  mode          TEXT   NOT NULL,       -- OPEN, AUDIT, ENFORCE
  unsigned_push TEXT   NOT NULL,       -- PEND, REFUSE
  hide          BIGINT NOT NULL,
  name          TEXT   NOT NULL,       -- of this registry, as the policy's scopes name it
  trust         BYTEA  NOT NULL,
  bound         BIGINT NOT NULL
);

-- Raised by every change of a binding: what was decided before must be decided anew.
CREATE TABLE trust_epoch (
  id    BIGINT PRIMARY KEY CHECK (id = 1),
  value BIGINT NOT NULL
);
INSERT INTO trust_epoch (id, value) VALUES (1, 1);

-- What was decided about a manifest of a repository.
CREATE TABLE admission (
  repository BIGINT NOT NULL REFERENCES repository,
  digest     TEXT COLLATE "C" NOT NULL,
  state      TEXT   NOT NULL,          -- PENDING, ADMITTED, REJECTED, EXPIRED, REVOKED, EVIDENCE
  epoch      BIGINT NOT NULL,
  decided    BIGINT NOT NULL,          -- milliseconds since 1970
  via        TEXT   NOT NULL,          -- the index that it is a part of, or empty
  clauses    TEXT   NOT NULL,          -- JSON
  PRIMARY KEY (repository, digest)
);

-- Where a tag will point once its manifest is admitted; readers keep what the tag points at until then.
CREATE TABLE pending_tag (
  repository BIGINT NOT NULL REFERENCES repository,
  name       TEXT COLLATE "C" NOT NULL,
  digest     TEXT COLLATE "C" NOT NULL,
  moved      BIGINT NOT NULL,
  PRIMARY KEY (repository, name)
);
CREATE INDEX pending_tag_by_digest ON pending_tag (repository, digest);
