package dev.bulla.registry.http;

import dev.bulla.access.TokenRoutes;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Json;
import dev.bulla.web.ErrorWriter;
import dev.bulla.web.Exchange;
import dev.bulla.web.Problem;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Error bodies of the distribution protocol (specification 1.1, "Error Codes").
 *
 * <p>Clients show the message of the first error, so the next step is part of it; {@code detail}
 * names Bulla's own code.
 */
public final class OciErrors implements ErrorWriter {
  private static final int MAX_WARNING = 1_000;
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "/v2/(.+)/(?:blobs/uploads/?[^/]*|(?:blobs|manifests|tags|referrers|_waivers|_replicas|_closure)/[^/]+"
              + "|_trust(?:/.+)?|_waivers/[^/]+/approve|_feed|_checkpoint|_receipts|_policy"
              + "|_holds(?:/.+)?)");

  private final Function<Exchange, String> challenge;

  /** Challenges for a password. */
  public OciErrors() {
    this(false);
  }

  /**
   * @param tokens whether callers are sent to {@code /token}
   */
  public OciErrors(boolean tokens) {
    this(tokens ? OciErrors::bearer : exchange -> "Basic realm=\"bulla\"");
  }

  /**
   * @param challenge what a caller is asked for who has to say who he is
   */
  public OciErrors(Function<Exchange, String> challenge) {
    this.challenge = challenge;
  }

  /** Where to get a token, and for what (distribution token specification). */
  private static String bearer(Exchange exchange) {
    String challenge =
        "Bearer realm=\"%s%s\",service=\"bulla\"".formatted(exchange.origin(), TokenRoutes.PATH);
    Matcher path = REPOSITORY.matcher(exchange.path().replace("%2F", "/").replace("%2f", "/"));
    if (!path.matches() || !Reference.isRepository(path.group(1))) {
      return challenge;
    }
    String actions =
        switch (exchange.method()) {
          case GET, HEAD -> "pull";
          case DELETE -> "pull,delete";
          default -> "pull,push";
        };
    return challenge + ",scope=\"repository:%s:%s\"".formatted(path.group(1), actions);
  }

  @Override
  public String type() {
    return "application/json";
  }

  @Override
  public JsonNode broken(Problem problem) {
    ObjectNode body = Json.object();
    body.set("errors", errors(nameOf("", problem), problem));
    return body;
  }

  private static ArrayNode errors(String name, Problem problem) {
    String message =
        problem.nextStep().isEmpty()
            ? problem.detail()
            : problem.detail() + ". " + problem.nextStep();
    return Json.array().add(error(name, message, Json.object().put("code", problem.code().id())));
  }

  @Override
  public void write(Exchange exchange, Problem problem) throws IOException {
    ArrayNode errors = errors(nameOf(exchange.path(), problem), problem);
    if (problem.status() == 401) {
      exchange.setHeader("WWW-Authenticate", challenge.apply(exchange));
    }
    exchange.attribute(UploadPlace.class).ifPresent(place -> place.describe(exchange));
    if (problem.code() == ErrorCode.CONTENT_NOT_ADMITTED) {
      exchange.setHeader("Warning", "299 - \"" + quoted(problem.detail()) + "\"");
    }
    write(exchange, problem.status(), errors);
  }

  /** What an answer to HEAD, which has no body, can say (RFC 9110 section 5.6.4). */
  private static String quoted(String text) {
    String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
    return plain
        .substring(0, Math.min(plain.length(), MAX_WARNING))
        .replace("\\", "\\\\")
        .replace("\"", "\\\"");
  }

  /** Refuses a manifest that lacks parts, with one error for each. */
  static void incomplete(Exchange exchange, String repository, List<String> digests)
      throws IOException {
    ArrayNode errors = Json.array();
    for (String digest : digests) {
      String message =
          "the manifest is refused: repository %s has no %s, push that first"
              .formatted(repository, digest);
      errors.add(error("MANIFEST_BLOB_UNKNOWN", message, Json.object().put("digest", digest)));
    }
    write(exchange, 400, errors);
  }

  /** Refuses with a status that no code has. */
  static void refuse(Exchange exchange, int status, String message, ErrorCode code)
      throws IOException {
    ArrayNode errors = Json.array();
    errors.add(error("UNSUPPORTED", message, Json.object().put("code", code.id())));
    write(exchange, status, errors);
  }

  private static void write(Exchange exchange, int status, ArrayNode errors) throws IOException {
    ObjectNode body = Json.object();
    body.set("errors", errors);
    exchange
        .status(status)
        .setHeader("Docker-Distribution-Api-Version", "registry/2.0")
        .sendJson(body);
  }

  private static ObjectNode error(String code, String message, ObjectNode detail) {
    ObjectNode error = Json.object();
    error.put("code", code);
    error.put("message", message);
    error.set("detail", detail);
    return error;
  }

  private static String nameOf(String path, Problem problem) {
    ErrorCode code = problem.code();
    if (code == ErrorCode.MANIFEST_NOT_FOUND && path.contains("/_tags/")) {
      return "TAG_UNKNOWN"; // as Azure has it; no path of the distribution protocol is like that
    }
    return switch (code) {
      case BLOB_NOT_FOUND -> "BLOB_UNKNOWN";
      case MANIFEST_NOT_FOUND -> "MANIFEST_UNKNOWN";
      case REPOSITORY_NOT_FOUND -> "NAME_UNKNOWN";
      case UPLOAD_NOT_FOUND -> "BLOB_UPLOAD_UNKNOWN";
      case DIGEST_INVALID, DIGEST_MISMATCH -> "DIGEST_INVALID";
      case SIZE_MISMATCH -> "SIZE_INVALID";
      case REFERENCE_INVALID -> "NAME_INVALID";
      case MANIFEST_INVALID,
          JSON_MALFORMED,
          JSON_DUPLICATE_KEY,
          JSON_TOO_DEEP,
          FIELD_INVALID,
          INPUT_TOO_LARGE ->
          "MANIFEST_INVALID";
      case RANGE_INVALID, CONFLICT -> "BLOB_UPLOAD_INVALID";
      case RATE_LIMITED -> "TOOMANYREQUESTS";
      case ACCESS_UNAUTHENTICATED -> "UNAUTHORIZED";
      case ACCESS_DENIED,
          REPOSITORY_ELSEWHERE,
          CONTENT_NOT_ADMITTED,
          CONTENT_LOCKED,
          QUOTA_EXCEEDED ->
          "DENIED";
      case ROUTE_NOT_FOUND, REQUEST_INVALID -> "UNSUPPORTED";
      default -> problem.status() >= 500 ? "UNKNOWN" : "UNSUPPORTED";
    };
  }
}
