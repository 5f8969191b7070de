-- The right to be the only one that does something, until a time.
CREATE TABLE lease (
  name   TEXT PRIMARY KEY,
  holder TEXT    NOT NULL,
  until  INTEGER NOT NULL          -- milliseconds since 1970
) STRICT, WITHOUT ROWID;
