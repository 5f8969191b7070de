#!/usr/bin/env python3
"""Writes an empty Java database for trivy into a directory, so that it runs offline.

Usage: empty-java-db.py DIRECTORY
"""
import json
import os
import sqlite3
import sys

directory = sys.argv[1]
os.makedirs(directory, exist_ok=True)
database = sqlite3.connect(os.path.join(directory, "trivy-java.db"))
database.executescript(
    """
    CREATE TABLE artifacts (id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
    CREATE TABLE indices (artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT, license TEXT);
    """
)
database.commit()
ages = {"UpdatedAt": "2026-01-01T00:00:00Z", "DownloadedAt": "2026-01-01T00:00:00Z", "NextUpdate": "2099-01-01T00:00:00Z"}
with open(os.path.join(directory, "metadata.json"), "w") as metadata:
    json.dump({"Version": 1, **ages}, metadata)
