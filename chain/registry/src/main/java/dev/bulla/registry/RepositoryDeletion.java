package dev.bulla.registry;

import java.util.List;

/** What went with a repository: digests of manifests, and tags. */
public record RepositoryDeletion(List<String> manifests, List<String> tags) {
  public RepositoryDeletion {
    manifests = List.copyOf(manifests);
    tags = List.copyOf(tags);
  }
}
