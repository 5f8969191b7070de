package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.eclipse.jetty.ee10.servlet.HttpOutput;
import org.eclipse.jetty.ee10.servlet.ServletApiResponse;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An exchange over Javalin's routing and the servlet's streams.
 *
 * <p>Files go to the socket by {@link FileEndPoint} where nothing lies between. Other channels are
 * written straight to Jetty's output from a direct buffer: the bytes are copied once into user
 * space and once into the socket, never through the heap.
 */
final class JavalinExchange implements Exchange {
  private static final int DRAINED = 8 * 1024 * 1024;

  private final Context context;
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Method method;
  private final Buffers buffers;
  private final Proxies proxies;
  private @Nullable Caller caller;

  JavalinExchange(Context context, Method method, Buffers buffers, Proxies proxies) {
    this.context = context;
    this.request = context.req();
    this.response = context.res();
    this.method = method;
    this.buffers = buffers;
    this.proxies = proxies;
  }

  @Override
  public Method method() {
    return method;
  }

  @Override
  public String path() {
    return request.getRequestURI();
  }

  @Override
  public String pathParam(String name) {
    return context.pathParam(name);
  }

  @Override
  public Optional<String> query(String name) {
    return Optional.ofNullable(context.queryParam(name));
  }

  @Override
  public List<String> queryAll(String name) {
    return context.queryParams(name);
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeader(name));
  }

  @Override
  public List<String> headers(String name) {
    return Collections.list(request.getHeaders(name));
  }

  @Override
  public OptionalLong contentLength() {
    long length = request.getContentLengthLong();
    return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
  }

  @Override
  public InputStream body() throws IOException {
    InputStream body = request.getInputStream();
    return local() ? body : new PacedBody(body, System::nanoTime);
  }

  @Override
  public byte[] bodyBytes(int max) throws IOException {
    if (contentLength().orElse(0) > max) {
      throw tooLarge(max);
    }
    byte[] bytes = body().readNBytes(max + 1);
    if (bytes.length > max) {
      throw tooLarge(max);
    }
    return bytes;
  }

  @Override
  public String origin() {
    return caller().scheme() + "://" + caller().authority();
  }

  @Override
  public String authority() {
    return caller().authority();
  }

  @Override
  public InetAddress remoteAddress() {
    return caller().address();
  }

  @Override
  public boolean local() {
    return caller().local();
  }

  @Override
  public List<X509Certificate> clientCertificates() {
    return jettyRequest().getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
                instanceof EndPoint.SslSessionData session
            && session.peerCertificates() != null
        ? List.of(session.peerCertificates())
        : List.of();
  }

  @Override
  public <T> Optional<T> attribute(Class<T> type) {
    return Optional.ofNullable(type.cast(request.getAttribute(type.getName())));
  }

  @Override
  public <T> void attribute(Class<T> type, T value) {
    request.setAttribute(type.getName(), value);
  }

  @Override
  public Exchange status(int status) {
    response.setStatus(status);
    return this;
  }

  @Override
  public Exchange setHeader(String name, String value) {
    response.setHeader(name, value);
    return this;
  }

  @Override
  public Exchange addHeader(String name, String value) {
    response.addHeader(name, value);
    return this;
  }

  @Override
  public void send() throws IOException {
    response.setContentType(null);
    if (response.getStatus() != 204 && response.getStatus() != 304) {
      response.setContentLengthLong(0);
    }
    response.flushBuffer();
  }

  @Override
  public void send(String contentType, byte[] body) throws IOException {
    begin(contentType, body.length);
    if (method != Method.HEAD) {
      response.getOutputStream().write(body);
    }
  }

  @Override
  public void sendHead(String contentType, long length) {
    begin(contentType, length);
  }

  @Override
  public void sendJson(JsonNode body) throws IOException {
    send("application/json", Json.write(body));
  }

  @Override
  public void send(String contentType, long length, ReadableByteChannel body) throws IOException {
    begin(contentType, length);
    if (method == Method.HEAD || length == 0) {
      return;
    }
    if (!(response.getOutputStream() instanceof HttpOutput out)) {
      throw new IllegalStateException("the response is not written by Jetty itself");
    }
    if (length >= FileEndPoint.WORTHWHILE && body instanceof FileChannel file) {
      Optional<FileEndPoint> endPoint = endPoint();
      if (endPoint.isPresent()) {
        endPoint.get().send(out, file, length);
        return;
      }
    }
    copy(body, out, length);
  }

  private void copy(ReadableByteChannel body, HttpOutput out, long length) throws IOException {
    ByteBuffer buffer = buffers.take();
    try {
      long left = length;
      while (left > 0) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), left));
        int n = body.read(buffer);
        if (n < 0) {
          throw new EOFException("content ended " + left + " bytes early");
        }
        out.write(buffer.flip());
        left -= n;
      }
    } finally {
      buffers.give(buffer);
    }
  }

  @Override
  public void sendStream(String contentType, StreamWriter writer) throws IOException {
    response.setContentType(contentType);
    if (method != Method.HEAD) {
      OutputStream out = response.getOutputStream();
      writer.writeTo(out);
      out.flush();
    }
  }

  @Override
  public boolean committed() {
    return response.isCommitted();
  }

  int status() {
    return response.getStatus();
  }

  /** Undoes what a handler has set before it failed, so that only the error is sent. */
  void forgetAnswer() {
    response.reset();
  }

  /**
   * Takes in what is left of a small request body before an answer that did not need it, so that
   * the connection can carry the next request; before a large or awaited one, tells the client that
   * this connection ends. Without either the client finds a closed connection when it sends its
   * next request.
   */
  void finishBody() throws IOException {
    boolean chunked = request.getHeader("Transfer-Encoding") != null;
    long declared = request.getContentLengthLong();
    if (!chunked && declared <= 0) {
      return;
    }
    if (request.getHeader("Expect") != null) {
      // asking for the stream would ask the client for the body
      response.setHeader("Connection", "close");
      return;
    }
    if (request.getInputStream().isFinished()) {
      return;
    }
    if (chunked || declared > DRAINED) {
      response.setHeader("Connection", "close");
      return;
    }
    request.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  /** Ends the connection so that the other end cannot mistake a part for the whole. */
  void abort(IOException why) {
    if (response instanceof ServletApiResponse servlet) {
      servlet.getServletChannel().abort(why);
    }
  }

  private Caller caller() {
    Caller known = caller;
    if (known == null) {
      known = Caller.of(request, jettyRequest(), proxies);
      caller = known;
    }
    return known;
  }

  private Optional<FileEndPoint> endPoint() {
    return FileEndPoint.of(jettyRequest());
  }

  private Request jettyRequest() {
    if (response instanceof ServletApiResponse servlet) {
      return servlet.getServletChannel().getRequest();
    }
    throw new IllegalStateException("the response is not Jetty's own");
  }

  private void begin(String contentType, long length) {
    response.setContentType(contentType);
    response.setContentLengthLong(length);
  }

  private static BullaException tooLarge(int max) {
    return new BullaException(
        ErrorCode.INPUT_TOO_LARGE,
        "the request body is larger than the " + max + " bytes that are read");
  }
}
