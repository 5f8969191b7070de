-- On whose behalf an event was written: a type of caller as CloudEvents name them, and his name.
ALTER TABLE outbox ADD COLUMN author_type TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE outbox ADD COLUMN author TEXT NOT NULL DEFAULT '';

-- When a reader last moved on; one that has stood still for too long holds no events back.
ALTER TABLE outbox_reader ADD COLUMN moved INTEGER NOT NULL DEFAULT 0; -- milliseconds since 1970

-- Up to which event the outbox was trimmed.
CREATE TABLE outbox_trim (
  id  INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_trim (id, seq) VALUES (1, 0);
