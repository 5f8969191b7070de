-- How long events are kept, if not as long as usual.
CREATE TABLE event_rule (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  keep_ms    INTEGER NOT NULL,
  keep_count INTEGER NOT NULL
) STRICT;

-- Who is told of events, and how far each was told.
CREATE TABLE webhook (
  name          TEXT    PRIMARY KEY,
  url           TEXT    NOT NULL,
  glob          TEXT    NOT NULL,
  types         TEXT    NOT NULL,     -- JSON array of patterns
  allow_private INTEGER NOT NULL,
  give_up_ms    INTEGER NOT NULL,
  secret        TEXT    NOT NULL,     -- whsec_…
  created       INTEGER NOT NULL,     -- milliseconds since 1970
  seq           INTEGER NOT NULL,     -- the last event that was dealt with
  dead          INTEGER NOT NULL,     -- 1 when nothing is sent any more
  failing       INTEGER NOT NULL,     -- since when nothing gets through, 0 if it does
  attempts      INTEGER NOT NULL,     -- since then
  retry         INTEGER NOT NULL,     -- not before this time
  said          TEXT    NOT NULL      -- what came of the last attempt
) STRICT, WITHOUT ROWID;

-- The last attempts of each.
CREATE TABLE webhook_attempt (
  id      INTEGER PRIMARY KEY,
  webhook TEXT    NOT NULL REFERENCES webhook ON DELETE CASCADE,
  seq     INTEGER NOT NULL,           -- of the event, 0 of a trial
  type    TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  took    INTEGER NOT NULL,           -- milliseconds
  status  INTEGER NOT NULL,           -- of HTTP, 0 without an answer
  said    TEXT    NOT NULL
) STRICT;
CREATE INDEX webhook_attempt_by_webhook ON webhook_attempt (webhook, id);

-- What every message is signed with, whichever server sends it.
CREATE TABLE webhook_key (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  secret_key BLOB    NOT NULL,        -- Ed25519, PKCS#8
  public_key BLOB    NOT NULL         -- SubjectPublicKeyInfo
) STRICT;
