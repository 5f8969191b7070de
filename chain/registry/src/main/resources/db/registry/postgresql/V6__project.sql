-- The first component of the name, written down: databases differ in how they would find it.
ALTER TABLE repository ADD COLUMN project TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE repository SET project = split_part(name, '/', 1);
CREATE INDEX repository_by_project ON repository (project, id);
