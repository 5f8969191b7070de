package dev.bulla.web;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.nio.ByteBuffer;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What requests are told that Jetty refuses before they reach a route: addresses that cannot be
 * decoded or are too long, headers that contradict each other. In the form of the address; where
 * that could not be read, in the forms of all protocols at once ({@link ErrorForms#ofUnknown}), so
 * that every client finds its own.
 */
final class BrokenRequests extends ErrorHandler {
  /** What Jetty has for an address that it could not read, over HTTP/1.1 and HTTP/2. */
  private static final Set<String> UNREAD = Set.of("/badMessage", "/badRequest");

  private final ErrorForms forms;

  BrokenRequests(ErrorForms forms) {
    this.forms = forms;
  }

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    ErrorCode code =
        status >= 500 && status != 505 ? ErrorCode.INTERNAL : ErrorCode.REQUEST_INVALID;
    String detail = message == null ? "the request cannot be answered" : Shown.text(message);
    Problem problem = new Problem(code, status, detail, "");
    String path = request.getHttpURI().getPath();
    boolean known = path != null && path.length() > 1 && !UNREAD.contains(path);
    ErrorWriter form = forms.of(known ? path : "");
    JsonNode body = known ? form.broken(problem) : forms.ofUnknown(problem);
    String type = known ? form.type() : forms.typeOfUnknown();
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    response.write(true, ByteBuffer.wrap(Json.write(body)), callback);
  }
}
