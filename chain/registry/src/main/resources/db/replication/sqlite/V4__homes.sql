-- How a copy comes here, as its source told: fingerprints of keys, the next registry after the source first, the home last.
CREATE TABLE replica_home (
  replication INTEGER  NOT NULL REFERENCES replication ON DELETE CASCADE,
  repository  TEXT NOT NULL,
  homes       TEXT NOT NULL,
  PRIMARY KEY (replication, repository)
) STRICT, WITHOUT ROWID;
