-- Callers with a name, for machines. The secret is random, so its plain hash is enough.
CREATE TABLE robot (
  name    TEXT PRIMARY KEY,
  secret  BLOB    NOT NULL,          -- SHA-256
  grants  TEXT    NOT NULL,          -- JSON array of PATTERN=ROLE,…
  created INTEGER NOT NULL           -- milliseconds since 1970
) STRICT, WITHOUT ROWID;
