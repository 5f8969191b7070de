package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Eviction;
import java.net.URI;
import java.time.Duration;
import tools.jackson.databind.node.ObjectNode;

/**
 * A project whose content is fetched from another registry when somebody asks for it.
 *
 * @param project the first component of the names of its repositories
 * @param upstream {@code https://HOST[:PORT][/PATH]}; {@code PROJECT/a/b} is {@code PATH/a/b} there
 * @param credentials the file with {@code NAME:SECRET} for the upstream, or empty
 * @param ttl how long an answer of the upstream about a name counts
 * @param bounds how much of it stays here
 */
public record CacheProject(
    String project, String upstream, String credentials, Duration ttl, Eviction.Bounds bounds) {

  /** Without bounds. */
  public CacheProject(String project, String upstream, String credentials, Duration ttl) {
    this(project, upstream, credentials, ttl, Eviction.Bounds.NONE);
  }

  public CacheProject {
    if (!Reference.isRepository(project) || project.contains("/")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is not the name of a project".formatted(Shown.text(project)),
          "A project is the part of a repository's name before the first slash.");
    }
    if (ttl.isNegative() || ttl.compareTo(Duration.ofDays(365)) > 0) {
      throw new BullaException(ErrorCode.USAGE, "the time to live is not between 0 and a year");
    }
    address(upstream);
  }

  /** Host and port of the upstream. */
  public String registry() {
    return address(upstream).getRawAuthority();
  }

  /** The name that a repository of this project has at the upstream. */
  Reference at(String repository) {
    String path = address(upstream).getRawPath();
    String prefix = path.isEmpty() || path.equals("/") ? "" : path + "/";
    String rest = repository.substring(project.length() + 1);
    return Reference.parseName(registry() + "/" + prefix.replaceFirst("^/+", "") + rest);
  }

  private static URI address(String upstream) {
    try {
      URI uri = URI.create(upstream);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("^/|/$", "");
      if (http
          && uri.getRawAuthority() != null
          && uri.getUserInfo() == null
          && uri.getRawQuery() == null
          && (path.isEmpty() || Reference.isRepository(path))) {
        Reference.parseName(uri.getRawAuthority() + "/any");
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + "/" + path);
      }
    } catch (IllegalArgumentException | BullaException e) {
      // told below
    }
    throw new BullaException(
        ErrorCode.USAGE,
        "'%s' is not the address of a registry".formatted(Shown.text(upstream)),
        "Write https://HOST or https://HOST/PATH.");
  }

  public ObjectNode toJson() {
    return Json.object()
        .put("project", project)
        .put("upstream", upstream)
        .put("ttlSeconds", ttl.toSeconds())
        .put("maxBytes", bounds.bytes())
        .put("unusedSeconds", bounds.unused().toSeconds());
  }
}
