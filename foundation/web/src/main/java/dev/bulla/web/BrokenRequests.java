package dev.bulla.web;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What requests are told that Jetty refuses before they reach a route: addresses that cannot be
 * decoded, headers that contradict each other. Problem details, as everywhere else.
 */
final class BrokenRequests extends ErrorHandler {

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
    ErrorCode code = status >= 500 ? ErrorCode.INTERNAL : ErrorCode.REQUEST_INVALID;
    String detail = message == null ? "the request cannot be answered" : Shown.text(message);
    byte[] body =
        Json.write(
            Json.object()
                .put("type", code.page())
                .put("title", code.id())
                .put("status", status)
                .put("detail", detail));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
