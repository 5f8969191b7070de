-- How much of a cache stays: bytes of blobs, and milliseconds after which what nobody asks for goes; 0 without bound.
ALTER TABLE cache_project ADD COLUMN max_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cache_project ADD COLUMN unused BIGINT NOT NULL DEFAULT 0;
