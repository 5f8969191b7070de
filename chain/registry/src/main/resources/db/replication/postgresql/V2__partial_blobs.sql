-- Large blobs of which a part has arrived: the upload that has it, for whoever goes on.
CREATE TABLE replica_partial (
  repository TEXT COLLATE "C" NOT NULL,
  digest     TEXT COLLATE "C" NOT NULL,
  upload     TEXT NOT NULL,
  begun      BIGINT NOT NULL,          -- milliseconds since 1970
  PRIMARY KEY (repository, digest)
);
