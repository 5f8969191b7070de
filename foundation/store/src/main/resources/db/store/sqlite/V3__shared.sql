-- For databases that several processes write; a file has one writer, which leaves these empty.
CREATE TABLE change (
  slot INTEGER PRIMARY KEY,
  seq  INTEGER NOT NULL
) STRICT;

CREATE TABLE agreement (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
