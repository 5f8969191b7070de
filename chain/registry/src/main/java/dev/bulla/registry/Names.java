package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;

/**
 * What repositories and tags may be called (specification 1.1, "Pulling manifests"), and what is
 * said of names that lead nowhere.
 */
final class Names {
  private Names() {}

  static void check(String repository) {
    if (!Reference.isRepository(repository)) {
      throw new BullaException(
          ErrorCode.REFERENCE_INVALID,
          "'" + Shown.text(repository) + "' is not the name of a repository",
          "Use lower-case letters and digits, separated by '/', '.', '_' or '-'.");
    }
  }

  static void checkTag(String tag) {
    if (!Reference.isTag(tag)) {
      throw new BullaException(
          ErrorCode.MANIFEST_INVALID,
          "'" + Shown.text(tag) + "' is not a tag",
          "Use at most 128 letters, digits, '_', '.' and '-', not beginning with '.' or '-'.");
    }
  }

  static BullaException noBlob(String repository, Digest digest) {
    return new BullaException(
        ErrorCode.BLOB_NOT_FOUND, "repository " + repository + " has no blob " + digest);
  }

  static BullaException noManifest(String repository, String reference) {
    return new BullaException(
        ErrorCode.MANIFEST_NOT_FOUND,
        "repository " + repository + " has no manifest " + Shown.text(reference));
  }
}
