-- Callers with a name, for machines. The secret is random, so its plain hash is enough.
CREATE TABLE robot (
  name    TEXT COLLATE "C" PRIMARY KEY,
  secret  BYTEA  NOT NULL,          -- SHA-256
  grants  TEXT   NOT NULL,          -- JSON array of PATTERN=ROLE,…
  created BIGINT NOT NULL           -- milliseconds since 1970
);
