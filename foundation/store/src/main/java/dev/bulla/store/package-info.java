/**
 * Records (SQLite) and blobs (file system, S3): one group-committing writer, nothing acknowledged
 * is lost.
 */
@NullMarked
package dev.bulla.store;

import org.jspecify.annotations.NullMarked;
