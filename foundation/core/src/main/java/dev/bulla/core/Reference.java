package dev.bulla.core;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image in a registry, normalised as docker and containerd do: {@code nginx} is
 * {@code docker.io/library/nginx:latest}.
 *
 * <p>Grammar: {@code [HOST[:PORT]/]PATH[:TAG][@DIGEST]}. The first component is a host if it holds
 * a dot or a colon, is {@code localhost}, or has an upper-case letter (distribution/reference). A
 * name with a digest keeps its tag for people; the digest decides.
 *
 * @param registry host and optional port, as written (an IPv6 address in brackets)
 * @param repository path without host, lower case
 */
public record Reference(
    String registry, String repository, Optional<String> tag, Optional<Digest> digest) {

  private static final String DEFAULT_REGISTRY = "docker.io";
  private static final int MAX_NAME = 255;
  private static final Pattern HOST =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
              + "|\\[[0-9a-fA-F:.]+\\])(?::[0-9]{1,5})?");
  private static final Pattern COMPONENT =
      Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
  private static final Pattern IMAGE_ID = Pattern.compile("[a-f0-9]{64}");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  public Reference {
    if (!HOST.matcher(registry).matches()) {
      throw invalid(registry + "/" + repository, "'" + registry + "' is not a host name");
    }
    for (String component : repository.split("/", -1)) {
      if (!COMPONENT.matcher(component).matches()) {
        throw invalid(
            registry + "/" + repository,
            "path component '"
                + component
                + "' must be lower-case letters and digits, separated by one '.', '_', '__' or"
                + " dashes");
      }
    }
    if (repository.length() > MAX_NAME) {
      throw invalid(repository, "the path is longer than " + MAX_NAME + " characters");
    }
    tag.ifPresent(t -> {
      if (!TAG.matcher(t).matches()) {
        throw invalid(registry + "/" + repository + ":" + t, "'" + t + "' is not a tag");
      }
    });
  }

  /**
   * Parses and normalises; a name without tag and digest gets the tag {@code latest}.
   *
   * @throws BullaException {@link ErrorCode#REFERENCE_INVALID} saying which part is wrong
   */
  public static Reference parse(String text) {
    Reference reference = parseName(text);
    return reference.tag.isEmpty() && reference.digest.isEmpty()
        ? reference.withTag("latest")
        : reference;
  }

  /** As {@link #parse}, but a name without tag and digest stays without. */
  public static Reference parseName(String text) {
    if (IMAGE_ID.matcher(text).matches()) {
      throw invalid(text, "64 hexadecimal characters are an image id, not a name");
    }
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      try {
        digest = Optional.of(Digest.parse(rest.substring(at + 1)));
      } catch (BullaException e) {
        throw invalid(text, e.reason());
      }
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    if (rest.isEmpty()) {
      throw invalid(text, "the name is empty");
    }
    int slash = rest.indexOf('/');
    String first = slash < 0 ? "" : rest.substring(0, slash);
    if (slash < 0 || !isHost(first)) {
      String path = slash < 0 ? "library/" + rest : rest;
      return new Reference(DEFAULT_REGISTRY, path, tag, digest);
    }
    String registry = first.equals("index.docker.io") ? DEFAULT_REGISTRY : first;
    String path = rest.substring(slash + 1);
    if (registry.equals(DEFAULT_REGISTRY) && path.indexOf('/') < 0) {
      path = "library/" + path;
    }
    return new Reference(registry, path, tag, digest);
  }

  /** Whether {@code tag} is a valid tag. */
  public static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }

  /** Whether {@code path} is a valid repository path (without host). */
  public static boolean isRepository(String path) {
    if (path.length() > MAX_NAME) {
      return false;
    }
    for (String component : path.split("/", -1)) {
      if (!COMPONENT.matcher(component).matches()) {
        return false;
      }
    }
    return true;
  }

  public Reference withTag(String value) {
    return new Reference(registry, repository, Optional.of(value), digest);
  }

  public Reference withDigest(Digest value) {
    return new Reference(registry, repository, tag, Optional.of(value));
  }

  /** Registry and repository only. */
  public Reference name() {
    return new Reference(registry, repository, Optional.empty(), Optional.empty());
  }

  /** What selects the manifest: the digest if there is one, else the tag, else {@code latest}. */
  public String selector() {
    return digest.map(Digest::toString).or(() -> tag).orElse("latest");
  }

  /**
   * Whether the registry is this machine: {@code localhost}, {@code 127.0.0.0/8} or {@code [::1]}.
   */
  public boolean isLoopback() {
    String host = registry.startsWith("[") ? registry : registry.replaceFirst(":[0-9]+$", "");
    return host.equalsIgnoreCase("localhost")
        || host.matches("127(\\.[0-9]{1,3}){3}")
        || registry.startsWith("[::1]");
  }

  @Override
  public String toString() {
    return registry
        + "/"
        + repository
        + tag.map(t -> ":" + t).orElse("")
        + digest.map(d -> "@" + d).orElse("");
  }

  private static boolean isHost(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || !first.equals(first.toLowerCase(Locale.ROOT));
  }

  private static BullaException invalid(String text, String why) {
    return new BullaException(
        ErrorCode.REFERENCE_INVALID,
        "'%s' is not an image reference: %s".formatted(Shown.text(text), Shown.text(why)),
        "Write REGISTRY/REPOSITORY[:TAG|@DIGEST], for example localhost:7080/hello:1.0.");
  }
}
