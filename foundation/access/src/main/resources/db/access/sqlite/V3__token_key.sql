-- Keys of the tokens that the registry gives out. Each signs for a day, and is forgotten when the last token of it has ended.
CREATE TABLE token_key (
  id      TEXT    PRIMARY KEY,              -- names it in tokens, and says nothing of the secret
  secret  BLOB    NOT NULL,                 -- 32 bytes
  created INTEGER NOT NULL                  -- milliseconds since 1970
) STRICT, WITHOUT ROWID;
