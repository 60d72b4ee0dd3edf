-- Pictures of sites. What is asked for with every view is apart from the bytes, which are read only when a picture is sent or resized.

CREATE TABLE picture (
  id TEXT PRIMARY KEY, -- made from site and content: the same picture added twice is one row
  site_id TEXT NOT NULL REFERENCES site (id),
  filename TEXT NOT NULL,
  content_type TEXT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  size BIGINT NOT NULL, -- bytes
  created_at BIGINT NOT NULL
);

CREATE INDEX picture_of_site ON picture (site_id, created_at, id);

CREATE TABLE picture_content (
  picture_id TEXT PRIMARY KEY REFERENCES picture (id) ON DELETE CASCADE,
  content BYTEA NOT NULL -- SQLite keeps bytes as bytes whatever the column is called
);

-- An address that somebody may send one picture to.
CREATE TABLE picture_upload (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  token_hash TEXT NOT NULL UNIQUE,
  filename TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  picture_id TEXT -- what was sent; no foreign key, because the picture may be deleted
);

CREATE INDEX picture_upload_expires_at ON picture_upload (expires_at);
