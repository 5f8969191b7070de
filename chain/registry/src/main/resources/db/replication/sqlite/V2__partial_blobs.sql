-- Large blobs of which a part has arrived: the upload that has it, for whoever goes on.
CREATE TABLE replica_partial (
  repository TEXT NOT NULL,
  digest     TEXT NOT NULL,
  upload     TEXT NOT NULL,
  begun      INTEGER NOT NULL,          -- milliseconds since 1970
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
