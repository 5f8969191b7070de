package dev.bulla.registry.http;

import dev.bulla.store.Blobs;
import dev.bulla.web.Exchange;

/**
 * Where an upload stands, as answers say it (specification 1.1, "Pushing a blob in chunks"): also
 * the refusal of a chunk that does not belong there, so that a client goes on without asking.
 *
 * @param name by which the repository finds it
 * @param offset of the next byte
 */
record UploadPlace(String repository, String name, long offset) {
  static UploadPlace of(String repository, String name, Blobs.Upload upload) {
    return new UploadPlace(repository, name, upload.offset());
  }

  /** Sets the headers. Of an upload without a byte the range is 0-0 as everywhere else. */
  Exchange describe(Exchange exchange) {
    return exchange
        .setHeader("Location", "/v2/" + repository + "/blobs/uploads/" + name)
        .setHeader("Docker-Upload-UUID", name)
        .setHeader("Range", "0-" + Math.max(0, offset - 1));
  }
}
