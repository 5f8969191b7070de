-- How a copy comes here, as its source told: fingerprints of keys, the next registry after the source first, the home last.
CREATE TABLE replica_home (
  replication BIGINT  NOT NULL REFERENCES replication ON DELETE CASCADE,
  repository  TEXT COLLATE "C" NOT NULL,
  homes       TEXT NOT NULL,
  PRIMARY KEY (replication, repository)
);
