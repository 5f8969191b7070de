-- Who publishes or retires a blob just now, if several processes share the records; a file has one writer, which leaves this empty.
CREATE TABLE blob_claim (
  digest TEXT    NOT NULL,
  holder TEXT    NOT NULL,
  kind   INTEGER NOT NULL,          -- 0 a push, 1 a collection
  at     INTEGER NOT NULL,          -- milliseconds since 1970
  PRIMARY KEY (digest, holder)
) STRICT, WITHOUT ROWID;
