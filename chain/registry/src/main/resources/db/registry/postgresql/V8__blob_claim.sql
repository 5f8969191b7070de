-- Who publishes or retires a blob just now, if several processes share the records.
CREATE TABLE blob_claim (
  digest TEXT COLLATE "C" NOT NULL,
  holder TEXT   NOT NULL,
  kind   BIGINT NOT NULL,          -- 0 a push, 1 a collection
  at     BIGINT NOT NULL,          -- milliseconds since 1970
  PRIMARY KEY (digest, holder)
);
