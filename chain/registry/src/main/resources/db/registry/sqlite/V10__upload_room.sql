-- What uploads that are under way have of their project's quota of bytes. Only projects with such a quota have rows.
CREATE TABLE upload_room (
  upload  TEXT    PRIMARY KEY,
  project TEXT    NOT NULL,
  bytes   INTEGER NOT NULL,
  at      INTEGER NOT NULL                  -- milliseconds since 1970 when bytes last came; one that rests holds nothing
) STRICT, WITHOUT ROWID;

CREATE INDEX upload_room_project ON upload_room (project);
