-- What uploads that are under way have of their project's quota of bytes. Only projects with such a quota have rows.
CREATE TABLE upload_room (
  upload  TEXT   PRIMARY KEY,
  project TEXT   NOT NULL,
  bytes   BIGINT NOT NULL,
  at      BIGINT NOT NULL                   -- milliseconds since 1970 when bytes last came; one that rests holds nothing
);

CREATE INDEX upload_room_project ON upload_room (project);
