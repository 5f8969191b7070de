-- When something of a kind was last changed, so that other processes know what they must read anew.
-- Numbers are drawn under the lock of the writers: their order is that of the commits.
CREATE SEQUENCE change_seq AS BIGINT;
CREATE TABLE change (
  slot BIGINT PRIMARY KEY,
  seq  BIGINT NOT NULL
);
CREATE INDEX change_by_seq ON change (seq);

-- What all processes that share the database must have alike.
CREATE TABLE agreement (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value TEXT NOT NULL
);
