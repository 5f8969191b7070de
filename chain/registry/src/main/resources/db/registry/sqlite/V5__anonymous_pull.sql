-- Whether everybody may pull from the project, also from other machines.
ALTER TABLE project ADD COLUMN anonymous_pull INTEGER NOT NULL DEFAULT 0;
