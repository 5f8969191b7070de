-- The right to be the only one that does something, until a time.
CREATE TABLE lease (
  name   TEXT COLLATE "C" PRIMARY KEY,
  holder TEXT   NOT NULL,
  until  BIGINT NOT NULL          -- milliseconds since 1970
);
