-- Whose identity tokens are believed.
CREATE TABLE issuer (
  url       TEXT PRIMARY KEY,        -- as in the claim iss
  audience  TEXT    NOT NULL,
  keys      TEXT,                    -- a JSON Web Key Set instead of asking the issuer
  authority TEXT,                    -- certificates in PEM that vouch for the issuer's HTTPS
  created   INTEGER NOT NULL         -- milliseconds since 1970
) STRICT, WITHOUT ROWID;

-- What follows from the claims of a token, or from a client certificate.
CREATE TABLE access_rule (
  name       TEXT PRIMARY KEY,
  source     TEXT    NOT NULL,       -- url of the issuer, or: certificate
  conditions TEXT    NOT NULL,       -- JSON object of patterns by claim
  grants     TEXT    NOT NULL,       -- JSON array of PATTERN=ROLE,…
  created    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
