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
 * decoded, headers that contradict each other. In the form of the address, as far as that is known.
 */
final class BrokenRequests extends ErrorHandler {
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
    String path = request.getHttpURI().getPath();
    ErrorWriter form = forms.of(path == null ? "" : path);
    byte[] body = Json.write(form.broken(new Problem(code, status, detail, "")));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, form.type());
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
