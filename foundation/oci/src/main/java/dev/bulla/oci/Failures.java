package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an answer of a registry that is not the wanted one means (OCI distribution specification,
 * "Error Codes").
 */
final class Failures {
  private static final int MAX_BODY = 64 * 1024;

  private Failures() {}

  /** One entry of the registry's own error list. */
  private record Told(String code, String message) {}

  /** The exception for {@code response}; reads and closes its body. */
  static BullaException of(Call call, Response response) {
    return of(call, response, ErrorCode.REPOSITORY_NOT_FOUND);
  }

  /** As {@link #of(Call, HttpResponse)}, with what a plain 404 means for this call. */
  static BullaException of(Call call, Response response, ErrorCode notFound) {
    List<Told> told = told(response);
    int status = response.status();
    String message =
        "%s: %s %s answered %d%s"
            .formatted(call.what(), call.method(), place(call.uri()), status, shown(told));
    return switch (status) {
      case 401 ->
          unauthorized(call, message, "The registry wants a login, or the one it got is wrong.");
      case 403 -> unauthorized(call, message, "The registry knows who asks and does not allow it.");
      case 404 -> new BullaException(notFoundCode(told, notFound), message);
      case 429 ->
          new BullaException(
              ErrorCode.REGISTRY_RATE_LIMITED,
              message
                  + Transport.retryAfter(response)
                      .map(wait -> ", to be repeated after " + wait.toSeconds() + " s")
                      .orElse(""),
              "Wait, or log in: registries allow more to known users.");
      default ->
          status == 408 || status >= 500
              ? new BullaException(
                  ErrorCode.REGISTRY_UNAVAILABLE,
                  message,
                  "Try again later; the fault is the registry's.")
              : new BullaException(refused(told), message);
    };
  }

  private static ErrorCode notFoundCode(List<Told> told, ErrorCode otherwise) {
    return told.stream().anyMatch(one -> one.code.equals("NAME_UNKNOWN"))
        ? ErrorCode.REPOSITORY_NOT_FOUND
        : otherwise;
  }

  private static ErrorCode refused(List<Told> told) {
    for (Told one : told) {
      switch (one.code) {
        case "MANIFEST_INVALID" -> {
          return ErrorCode.MANIFEST_INVALID;
        }
        case "MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN" -> {
          return ErrorCode.BLOB_NOT_FOUND;
        }
        case "DIGEST_INVALID" -> {
          return ErrorCode.DIGEST_MISMATCH;
        }
        case "SIZE_INVALID" -> {
          return ErrorCode.SIZE_MISMATCH;
        }
        default -> {}
      }
    }
    return ErrorCode.REGISTRY_PROTOCOL;
  }

  private static BullaException unauthorized(Call call, String message, String why) {
    return new BullaException(
        ErrorCode.REGISTRY_UNAUTHORIZED,
        message,
        why + " Log in with: docker login " + call.repository().registry());
  }

  /** The connection could not be made or broke each time. */
  static BullaException unreachable(Call call, IOException e, int attempts) {
    String host = call.uri().getAuthority();
    String why = describe(e);
    String next =
        e instanceof SSLException
            ? "If the registry at " + host + " speaks plain HTTP, allow that for this host."
            : "Check that the registry at " + host + " is running and reachable.";
    return new BullaException(
        ErrorCode.REGISTRY_UNAVAILABLE,
        "%s: %s %s failed %d time(s): %s"
            .formatted(call.what(), call.method(), place(call.uri()), attempts, why),
        next,
        e);
  }

  /** A failure of our own that travelled through the HTTP client comes out as itself. */
  static IOException ownOr(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BullaException own) {
        throw own;
      }
    }
    return e;
  }

  private static String describe(IOException e) {
    if (e instanceof ConnectException) {
      return "the connection was refused or the host is unknown";
    }
    @Nullable String message = e.getMessage();
    return e.getClass().getSimpleName() + (message == null ? "" : ": " + Shown.text(message));
  }

  /** The address without its query, which may hold a secret of a storage service. */
  private static String place(URI uri) {
    return uri.getScheme() + "://" + uri.getAuthority() + uri.getPath();
  }

  private static List<Told> told(Response response) {
    List<Told> all = new ArrayList<>();
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(MAX_BODY);
      if (bytes.length == 0) {
        return all;
      }
      for (Fields one : Fields.of(Json.parse(bytes, "error"), "error").objects("errors")) {
        all.add(
            new Told(
                one.optionalString("code").orElse(""), one.optionalString("message").orElse("")));
      }
    } catch (IOException | BullaException e) {
      // the status says enough
    }
    return all;
  }

  private static String shown(List<Told> told) {
    StringBuilder text = new StringBuilder();
    for (Told one : told.subList(0, Math.min(3, told.size()))) {
      text.append(text.isEmpty() ? " (" : "; ").append(Shown.text(one.code));
      if (!one.message.isEmpty()) {
        text.append(": ").append(Shown.text(one.message));
      }
    }
    return text.isEmpty() ? "" : text.append(')').toString();
  }
}
