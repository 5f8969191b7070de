-- Whose identity tokens are believed.
CREATE TABLE issuer (
  url       TEXT COLLATE "C" PRIMARY KEY, -- as in the claim iss
  audience  TEXT   NOT NULL,
  keys      TEXT,                         -- a JSON Web Key Set instead of asking the issuer
  authority TEXT,                         -- certificates in PEM that vouch for the issuer's HTTPS
  created   BIGINT NOT NULL               -- milliseconds since 1970
);

-- What follows from the claims of a token, or from a client certificate.
CREATE TABLE access_rule (
  name       TEXT COLLATE "C" PRIMARY KEY,
  source     TEXT   NOT NULL,             -- url of the issuer, or: certificate
  conditions TEXT   NOT NULL,             -- JSON object of patterns by claim
  grants     TEXT   NOT NULL,             -- JSON array of PATTERN=ROLE,…
  created    BIGINT NOT NULL
);
