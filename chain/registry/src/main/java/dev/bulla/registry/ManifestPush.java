package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.util.List;
import java.util.Optional;

/** What became of a pushed manifest. */
public sealed interface ManifestPush {

  /**
   * It is durable and visible.
   *
   * @param subject what it is about, when it became a referrer
   * @param tags that now point to it
   */
  record Accepted(Digest digest, Optional<String> subject, List<String> tags)
      implements ManifestPush {}

  /**
   * It was refused, because the repository lacks content that it is made of.
   *
   * @param digests of the missing blobs and manifests, in the order of the document
   */
  record Incomplete(List<String> digests) implements ManifestPush {}

  /**
   * It was refused, because it was meant for another state than there is.
   *
   * @param reference the tag or digest
   */
  record Outdated(String reference) implements ManifestPush {}
}
