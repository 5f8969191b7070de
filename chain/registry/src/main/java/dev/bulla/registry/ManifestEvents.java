package dev.bulla.registry;

import dev.bulla.core.json.Json;
import dev.bulla.store.Outbox;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * What events say about manifests beside their digest. What is gone cannot be asked any more
 * whether readers saw it, so its last event says {@code admitted}; that counts where a binding is
 * enforced.
 */
final class ManifestEvents {
  private ManifestEvents() {}

  static void pushed(
      Handle handle,
      Instant now,
      String repository,
      StoredManifest manifest,
      IncomingManifest parsed) {
    ObjectNode payload = Json.object().put("repository", repository);
    payload.put("mediaType", manifest.mediaType()).put("size", manifest.bytes().length);
    parsed.artifactType().ifPresent(type -> payload.put("artifactType", type));
    parsed.subject().ifPresent(subject -> payload.put("subject", subject));
    Outbox.append(handle, now, "registry.manifest.pushed", manifest.digest().toString(), payload);
  }

  static void deleted(
      Handle handle, Instant now, String repository, String digest, boolean admitted) {
    ObjectNode payload = Json.object().put("repository", repository).put("admitted", admitted);
    Outbox.append(handle, now, "registry.manifest.deleted", digest, payload);
  }

  static void tagDeleted(
      Handle handle, Instant now, long id, String repository, String tag, String digest) {
    ObjectNode payload = Json.object().put("repository", repository).put("tag", tag);
    payload.put("admitted", isAdmitted(handle, id, digest));
    Outbox.append(handle, now, "registry.tag.deleted", digest, payload);
  }

  /** Whether the last decision about a manifest lets readers see it. */
  static boolean isAdmitted(Handle handle, long repository, String digest) {
    return handle
        .select(
            "SELECT state FROM admission WHERE repository = ? AND digest = ?", repository, digest)
        .mapTo(String.class)
        .findOne()
        .map(Admission.State::valueOf)
        .filter(state -> state == Admission.State.ADMITTED || state == Admission.State.EVIDENCE)
        .isPresent();
  }
}
