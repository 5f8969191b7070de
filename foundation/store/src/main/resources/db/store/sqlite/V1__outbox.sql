CREATE TABLE outbox (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,          -- milliseconds since 1970
  type    TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  payload TEXT    NOT NULL           -- JSON
) STRICT;

CREATE TABLE outbox_reader (
  name TEXT PRIMARY KEY,
  seq  INTEGER NOT NULL              -- the last event that was dealt with
) STRICT, WITHOUT ROWID;
