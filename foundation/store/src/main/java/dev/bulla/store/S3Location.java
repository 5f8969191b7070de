package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Nearest;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where blobs lie: {@code s3://BUCKET/PREFIX?endpoint=URL&region=NAME&pathStyle=true}.
 *
 * <p>Without an endpoint it is Amazon's of the region. Credentials are no part of it.
 *
 * @param prefix of all keys, without a slash at either end; may be empty
 * @param endpoint {@code http} or {@code https}, without a path
 * @param region empty for the one that the environment or profile names
 * @param pathStyle whether the bucket is the first component of the path and not part of the host
 */
public record S3Location(
    String bucket,
    String prefix,
    Optional<URI> endpoint,
    Optional<String> region,
    boolean pathStyle) {
  public static final String SCHEME = "s3";

  private static final String FORM =
      "Write s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME&pathStyle=true; all but BUCKET"
          + " may be left out.";
  private static final List<String> PARAMETERS = List.of("endpoint", "region", "pathStyle");
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern PREFIX =
      Pattern.compile("(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?");
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");
  private static final int MAX_PREFIX = 500;

  public S3Location {
    require(BUCKET.matcher(bucket).matches(), "'" + Shown.text(bucket) + "' is no bucket's name");
    require(
        prefix.length() <= MAX_PREFIX && PREFIX.matcher(prefix).matches(),
        "'"
            + Shown.text(prefix)
            + "' is no prefix: components of letters, digits, '.', '_' and '-'");
    endpoint.ifPresent(S3Location::checkEndpoint);
    region.ifPresent(
        name -> require(REGION.matcher(name).matches(), "'" + Shown.text(name) + "' is no region"));
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static S3Location parse(String text) {
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw refusal("'" + Shown.text(text) + "' is no address");
    }
    require(SCHEME.equals(uri.getScheme()), "'" + Shown.text(text) + "' does not begin with s3://");
    require(
        uri.getRawUserInfo() == null && uri.getRawFragment() == null && uri.getPort() < 0,
        "the address of the bucket has more than it may: credentials come from the environment");
    Map<String, String> parameters = parameters(uri.getRawQuery());
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return new S3Location(
        uri.getRawAuthority() == null ? "" : uri.getRawAuthority(),
        path.replaceAll("^/|/$", ""),
        Optional.ofNullable(parameters.get("endpoint")).map(S3Location::endpointOf),
        Optional.ofNullable(parameters.get("region")),
        flag(parameters.getOrDefault("pathStyle", "false")));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(SCHEME + "://" + bucket);
    if (!prefix.isEmpty()) {
      text.append('/').append(prefix);
    }
    char next = '?';
    if (endpoint.isPresent()) {
      text.append(next).append("endpoint=");
      text.append(URLEncoder.encode(endpoint.get().toString(), StandardCharsets.UTF_8));
      next = '&';
    }
    if (region.isPresent()) {
      text.append(next).append("region=").append(region.get());
      next = '&';
    }
    return pathStyle ? text.append(next).append("pathStyle=true").toString() : text.toString();
  }

  private static Map<String, String> parameters(@org.jspecify.annotations.Nullable String query) {
    Map<String, String> found = new LinkedHashMap<>();
    if (query == null) {
      return found;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      if (!PARAMETERS.contains(name)) {
        throw new BullaException(
            ErrorCode.USAGE,
            "the address of the bucket has an unknown parameter '" + Shown.text(name) + "'",
            Nearest.to(name, PARAMETERS).map(n -> "Did you mean '" + n + "'?").orElse(FORM));
      }
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      require(
          found.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8)) == null,
          "the address of the bucket names '" + name + "' twice");
    }
    return found;
  }

  private static boolean flag(String text) {
    require(text.equals("true") || text.equals("false"), "pathStyle is neither true nor false");
    return text.equals("true");
  }

  private static URI endpointOf(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw refusal("'" + Shown.text(text) + "' is no address of a server");
    }
  }

  private static void checkEndpoint(URI endpoint) {
    boolean web = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    boolean bare =
        (endpoint.getRawPath() == null || endpoint.getRawPath().replace("/", "").isEmpty())
            && endpoint.getRawUserInfo() == null
            && endpoint.getRawQuery() == null;
    require(
        web && bare && endpoint.getHost() != null,
        "'" + Shown.text(endpoint.toString()) + "' is no endpoint: http(s)://HOST or HOST:PORT");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw refusal(otherwise);
    }
  }

  private static BullaException refusal(String what) {
    return new BullaException(ErrorCode.USAGE, "blobs: " + what, FORM);
  }
}
