-- The knowledge graph: typed relations only, ids interned, every fact tied to the document that states it.
-- Text columns use '' for "not stated"; times are milliseconds since the epoch.

-- What may be composed --------------------------------------------------------------------------

CREATE TABLE package_name (
  id   INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  name TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX package_name_key ON package_name (type, name);

CREATE TABLE distribution (
  id       INTEGER PRIMARY KEY,
  os       TEXT NOT NULL,
  version  TEXT NOT NULL,
  codename TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX distribution_key ON distribution (os, version, codename);

-- One version of a package, with everything that decides which advisories speak of it.
-- matched: 0 not judged by the current advisories yet, 1 judged, 2 they have no record for its ecosystem.
CREATE TABLE package_version (
  id              INTEGER PRIMARY KEY,
  name_id         INTEGER NOT NULL REFERENCES package_name (id),
  version         TEXT NOT NULL,
  purl            TEXT NOT NULL,
  distribution_id INTEGER NOT NULL,
  source_name     TEXT NOT NULL,
  source_version  TEXT NOT NULL,
  matched         INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX package_version_key ON package_version
  (name_id, version, purl, distribution_id, source_name, source_version);
CREATE INDEX package_version_purl ON package_version (purl);
CREATE INDEX package_version_unmatched ON package_version (id) WHERE matched = 0;

-- Sets are named by the SHA-256 of their members and shared by all images that hold them.
CREATE TABLE component_set (
  id      INTEGER PRIMARY KEY,
  hash    BLOB NOT NULL,
  members INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX component_set_hash ON component_set (hash);

CREATE TABLE set_member (
  set_id     INTEGER NOT NULL REFERENCES component_set (id),
  package_id INTEGER NOT NULL REFERENCES package_version (id),
  owner      TEXT NOT NULL,
  licences   TEXT NOT NULL,
  PRIMARY KEY (set_id, package_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX set_member_package ON set_member (package_id, set_id);

CREATE TABLE layer (
  id     INTEGER PRIMARY KEY,
  digest TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX layer_digest ON layer (digest);

-- Where the members of a set lie; apart from the set, because paths differ more often than contents.
CREATE TABLE place_set (
  id   INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX place_set_hash ON place_set (hash);

CREATE TABLE place (
  place_set_id INTEGER NOT NULL REFERENCES place_set (id),
  package_id   INTEGER NOT NULL REFERENCES package_version (id),
  ordinal      INTEGER NOT NULL,
  layer_id     INTEGER NOT NULL,
  path         TEXT NOT NULL,
  nested       TEXT NOT NULL,
  PRIMARY KEY (place_set_id, package_id, ordinal)
) STRICT, WITHOUT ROWID;

-- Images, releases and their evidence ---------------------------------------------------------------

CREATE TABLE image (
  id       INTEGER PRIMARY KEY,
  digest   TEXT NOT NULL,
  created  INTEGER,
  platform TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX image_digest ON image (digest);

-- An image under a name. shipped = 0: it was judged for that name and refused; nothing was published.
CREATE TABLE release (
  id         INTEGER PRIMARY KEY,
  image_id   INTEGER NOT NULL REFERENCES image (id),
  registry   TEXT NOT NULL,
  repository TEXT NOT NULL,
  tag        TEXT NOT NULL,
  shipped    INTEGER NOT NULL,
  first_at   INTEGER NOT NULL,
  last_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX release_image ON release (image_id, repository, tag, registry);
CREATE INDEX release_name ON release (repository, tag, registry, shipped, last_at, id);
CREATE INDEX release_order ON release (shipped, id);

CREATE TABLE document (
  id         INTEGER PRIMARY KEY,
  digest     TEXT NOT NULL,
  media_type TEXT NOT NULL,
  kind       TEXT NOT NULL,
  size       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX document_digest ON document (digest);

-- A document about an image, at the best trust that any of its signatures earned. Facts hang on this row.
CREATE TABLE attachment (
  image_id    INTEGER NOT NULL REFERENCES image (id),
  document_id INTEGER NOT NULL REFERENCES document (id),
  trust       INTEGER NOT NULL,
  PRIMARY KEY (image_id, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_document ON attachment (document_id, image_id);

-- One carrier of a document (an evidence manifest) with the outcome of its newest verification.
CREATE TABLE evidence (
  id          INTEGER PRIMARY KEY,
  image_id    INTEGER NOT NULL,
  document_id INTEGER NOT NULL,
  manifest    TEXT NOT NULL,
  format      TEXT NOT NULL,
  trust       INTEGER NOT NULL,
  authority   TEXT NOT NULL,
  identity    TEXT NOT NULL,
  code        TEXT NOT NULL,
  first_at    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX evidence_key ON evidence (image_id, document_id, manifest);

-- Every change of mind about a carrier, oldest first; equal outcomes in a row are one row.
CREATE TABLE verification (
  id          INTEGER PRIMARY KEY,
  evidence_id INTEGER NOT NULL REFERENCES evidence (id),
  at          INTEGER NOT NULL,
  trust       INTEGER NOT NULL,
  authority   TEXT NOT NULL,
  identity    TEXT NOT NULL,
  code        TEXT NOT NULL
) STRICT;
CREATE INDEX verification_evidence ON verification (evidence_id, id);

-- The fact "this document says that this image holds this set, at these places".
CREATE TABLE image_set (
  image_id     INTEGER NOT NULL REFERENCES image (id),
  document_id  INTEGER NOT NULL REFERENCES document (id),
  set_id       INTEGER NOT NULL REFERENCES component_set (id),
  place_set_id INTEGER NOT NULL REFERENCES place_set (id),
  PRIMARY KEY (image_id, document_id, set_id, place_set_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_set_set ON image_set (set_id, image_id, document_id, place_set_id);

-- How an image was built ------------------------------------------------------------------------

CREATE TABLE build (
  id          INTEGER PRIMARY KEY,
  image_id    INTEGER NOT NULL,
  document_id INTEGER NOT NULL,
  builder     TEXT NOT NULL,
  build_type  TEXT NOT NULL,
  invocation  TEXT NOT NULL,
  started     INTEGER,
  finished    INTEGER
) STRICT;
CREATE UNIQUE INDEX build_document ON build (image_id, document_id);

CREATE TABLE build_material (
  build_id INTEGER NOT NULL REFERENCES build (id),
  ordinal  INTEGER NOT NULL,
  uri      TEXT NOT NULL,
  digest   TEXT NOT NULL,
  PRIMARY KEY (build_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX build_material_digest ON build_material (digest, build_id);

-- Vulnerabilities -------------------------------------------------------------------------------

-- The advisory set that answers are taken from; one row.
CREATE TABLE advisory_set (
  id              INTEGER PRIMARY KEY CHECK (id = 1),
  digest          TEXT NOT NULL,
  description     TEXT NOT NULL,
  newest_modified INTEGER NOT NULL,
  undecided       INTEGER NOT NULL
) STRICT;

-- Two names for one thing, as a source states it. The groups below are computed from these rows and can be split again.
CREATE TABLE alias_statement (
  source TEXT NOT NULL,
  name   TEXT NOT NULL,
  alias  TEXT NOT NULL,
  PRIMARY KEY (source, name, alias)
) STRICT, WITHOUT ROWID;

-- An advisory that speaks of several vulnerabilities at once, names in upper case.
CREATE TABLE bundle (
  name    TEXT NOT NULL,
  covered TEXT NOT NULL,
  PRIMARY KEY (name, covered)
) STRICT, WITHOUT ROWID;

CREATE TABLE vulnerability (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX vulnerability_name ON vulnerability (name);

-- alias is in upper case; shown as the source writes it.
CREATE TABLE vulnerability_alias (
  alias            TEXT NOT NULL PRIMARY KEY,
  shown            TEXT NOT NULL,
  vulnerability_id INTEGER NOT NULL REFERENCES vulnerability (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX vulnerability_alias_group ON vulnerability_alias (vulnerability_id, alias);

-- The current advisories, matched. name is one of the vulnerability's, in upper case.
CREATE TABLE affects (
  name       TEXT NOT NULL,
  package_id INTEGER NOT NULL REFERENCES package_version (id),
  level      TEXT NOT NULL,
  fixed      TEXT NOT NULL,
  advisories TEXT NOT NULL,
  PRIMARY KEY (name, package_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX affects_package ON affects (package_id, name);

-- What a scan document said when it was made.
CREATE TABLE finding (
  image_id         INTEGER NOT NULL,
  document_id      INTEGER NOT NULL,
  name             TEXT NOT NULL,
  package_id       INTEGER NOT NULL REFERENCES package_version (id),
  level            TEXT NOT NULL,
  fixed            TEXT NOT NULL,
  advisories       TEXT NOT NULL,
  PRIMARY KEY (image_id, document_id, name, package_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_name ON finding (name, package_id, image_id);

-- Decisions ---------------------------------------------------------------------------------------

CREATE TABLE decision (
  id            INTEGER PRIMARY KEY,
  hash          BLOB NOT NULL,
  image_digest  TEXT NOT NULL,
  phase         TEXT NOT NULL,
  name          TEXT NOT NULL,
  policy        TEXT NOT NULL,
  policy_digest TEXT NOT NULL,
  facts_digest  TEXT NOT NULL,
  allowed       INTEGER NOT NULL,
  first_at      INTEGER NOT NULL,
  last_at       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX decision_hash ON decision (hash);
CREATE INDEX decision_refused ON decision (id) WHERE allowed = 0;
CREATE INDEX decision_image ON decision (image_digest, id);

CREATE TABLE rule_result (
  decision_id INTEGER NOT NULL REFERENCES decision (id),
  ordinal     INTEGER NOT NULL,
  rule        TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  code        TEXT NOT NULL,
  message     TEXT NOT NULL,
  remediation TEXT NOT NULL,
  evidence    TEXT NOT NULL,
  PRIMARY KEY (decision_id, ordinal)
) STRICT, WITHOUT ROWID;
