package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An exchange over Jetty's own request and response, without a servlet between: what a request
 * costs is what Jetty's connection costs, and little else.
 *
 * <p>A body that is there as a whole leaves when the handler is done, in one write with its head,
 * and nobody waits for it. Files go to the socket by {@link FileEndPoint} where nothing lies
 * between. Other channels are written from a direct buffer: the bytes are copied once into user
 * space and once into the socket, never through the heap.
 */
final class JettyExchange implements Exchange {
  private static final int DRAINED = 8 * 1024 * 1024;
  private static final int STREAM_BUFFER = 32 * 1024;

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final Method method;
  private final String path;
  private final Map<String, String> parameters;
  private final Buffers buffers;
  private final Proxies proxies;
  private final BodyStream body;
  private final Map<Class<?>, Object> attributes = new HashMap<>(4);
  private @Nullable Caller caller;
  private @Nullable Map<String, List<String>> query;
  private @Nullable ByteBuffer last;
  private @Nullable IOException cut;
  private boolean begun;
  private int status = 200;

  JettyExchange(
      Request request,
      Response response,
      Callback callback,
      Method method,
      String path,
      Map<String, String> parameters,
      Buffers buffers,
      Proxies proxies) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.method = method;
    this.path = path;
    this.parameters = parameters;
    this.buffers = buffers;
    this.proxies = proxies;
    this.body = new BodyStream(request);
  }

  @Override
  public Method method() {
    return method;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String pathParam(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no parameter " + name);
    }
    return value;
  }

  @Override
  public Optional<String> query(String name) {
    return queryAll(name).stream().findFirst();
  }

  @Override
  public List<String> queryAll(String name) {
    Map<String, List<String>> known = query;
    if (known == null) {
      known = Query.parse(request.getHttpURI().getQuery());
      query = known;
    }
    return known.getOrDefault(name, List.of());
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeaders().get(name));
  }

  @Override
  public List<String> headers(String name) {
    return request.getHeaders().getValuesList(name);
  }

  @Override
  public OptionalLong contentLength() {
    long length = request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
    return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
  }

  @Override
  public InputStream body() {
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
  public boolean ending() {
    return request.getConnectionMetaData().getConnector().isShutdown();
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
    return request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
                instanceof EndPoint.SslSessionData session
            && session.peerCertificates() != null
        ? List.of(session.peerCertificates())
        : List.of();
  }

  @Override
  public <T> Optional<T> attribute(Class<T> type) {
    return Optional.ofNullable(type.cast(attributes.get(type)));
  }

  @Override
  public <T> void attribute(Class<T> type, T value) {
    attributes.put(type, value);
  }

  @Override
  public Exchange status(int value) {
    status = value;
    response.setStatus(value);
    return this;
  }

  @Override
  public Exchange setHeader(String name, String value) {
    response.getHeaders().put(name, value);
    return this;
  }

  @Override
  public Exchange addHeader(String name, String value) {
    response.getHeaders().add(name, value);
    return this;
  }

  @Override
  public void send() {
    response.getHeaders().remove(HttpHeader.CONTENT_TYPE);
    if (status != 204 && status != 304) {
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 0);
    }
    last = null;
  }

  @Override
  public void send(String contentType, byte[] content) {
    begin(contentType, content.length);
    last = method == Method.HEAD ? null : ByteBuffer.wrap(content);
  }

  @Override
  public void sendHead(String contentType, long length) {
    begin(contentType, length);
  }

  @Override
  public void sendJson(JsonNode content) {
    send("application/json", Json.write(content));
  }

  @Override
  public void send(String contentType, long length, ReadableByteChannel content)
      throws IOException {
    begin(contentType, length);
    if (method == Method.HEAD || length == 0) {
      return;
    }
    begun = true;
    if (length >= FileEndPoint.WORTHWHILE && content instanceof FileChannel file) {
      Optional<FileEndPoint> endPoint = FileEndPoint.of(request);
      if (endPoint.isPresent()) {
        endPoint.get().send(response, file, length);
        return;
      }
    }
    copy(content, length);
  }

  private void copy(ReadableByteChannel content, long length) throws IOException {
    ByteBuffer buffer = buffers.take();
    try {
      long left = length;
      while (left > 0) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), left));
        int n = content.read(buffer);
        if (n < 0) {
          throw new EOFException("content ended " + left + " bytes early");
        }
        left -= n;
        Content.Sink.write(response, left == 0, buffer.flip());
      }
    } finally {
      buffers.give(buffer);
    }
  }

  @Override
  public void sendStream(String contentType, StreamWriter writer) throws IOException {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
    if (method == Method.HEAD) {
      return;
    }
    begun = true;
    OutputStream out =
        new BufferedOutputStream(Content.Sink.asOutputStream(response), STREAM_BUFFER);
    writer.writeTo(out);
    out.flush();
  }

  @Override
  public boolean committed() {
    return begun || response.isCommitted();
  }

  int status() {
    return status;
  }

  /** Undoes what a handler has set before it failed, so that only the error is sent. */
  void forgetAnswer() {
    response.reset();
    status = 200;
    last = null;
  }

  /**
   * Takes in what is left of a small request body before an answer that did not need it, so that
   * the connection can carry the next request; before a large or awaited one, tells the client that
   * this connection ends. Without either the client finds a closed connection when it sends its
   * next request.
   */
  void finishBody() throws IOException {
    if (body.broken()) {
      response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
      return;
    }
    if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2) {
      if (contentLength().orElse(Long.MAX_VALUE)
          <= DRAINED) { // else the stream ends, not the connection
        body.transferTo(OutputStream.nullOutputStream());
      }
      return;
    }
    boolean chunked = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
    long declared = contentLength().orElse(-1);
    if (!chunked && declared <= 0) {
      return;
    }
    if (request.getHeaders().contains(HttpHeader.EXPECT)) {
      // looking for the body would ask the client for it
      response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
      return;
    }
    if (body.ended()) {
      return;
    }
    if (chunked || declared > DRAINED) {
      response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
      return;
    }
    body.transferTo(OutputStream.nullOutputStream());
  }

  /** Ends the connection so that the other end cannot mistake a part for the whole. */
  void abort(IOException why) {
    cut = why;
  }

  /** Lets the answer go; the request must not be touched any more after this. */
  void complete() {
    body.release();
    IOException why = cut;
    if (why != null) {
      callback.failed(why);
    } else if (begun) {
      callback.succeeded();
    } else {
      response.write(true, last, callback);
    }
  }

  private Caller caller() {
    Caller known = caller;
    if (known == null) {
      known = Caller.of(request, proxies);
      caller = known;
    }
    return known;
  }

  private void begin(String contentType, long length) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
  }

  private static BullaException tooLarge(int max) {
    return new BullaException(
        ErrorCode.INPUT_TOO_LARGE,
        "the request body is larger than the " + max + " bytes that are read");
  }
}
