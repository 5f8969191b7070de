package dev.bulla.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.channels.ReadableByteChannel;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/**
 * One request and its answer. Used by one thread at a time.
 *
 * <p>Set the status and headers first, then call one of the {@code send} methods, once. On a HEAD
 * request they send the headers that GET would, and no body.
 */
public interface Exchange {

  // The request

  Method method();

  /** The path as it was sent, percent-encoded, without the query. */
  String path();

  /** A decoded parameter of the route's pattern. */
  String pathParam(String name);

  /**
   * The first value of a query parameter, decoded; a parameter without a value is the empty string.
   */
  Optional<String> query(String name);

  /** All values of a query parameter, in order. */
  List<String> queryAll(String name);

  /** The first line of a header. */
  Optional<String> header(String name);

  /** All lines of a header, in order. */
  List<String> headers(String name);

  /** The announced length of the body; empty for chunked coding and for requests without a body. */
  OptionalLong contentLength();

  /** The body as it arrives; reading blocks, and holds the sender back. */
  InputStream body() throws IOException;

  /**
   * The whole body.
   *
   * @throws dev.bulla.core.BullaException {@code INPUT_TOO_LARGE} as soon as it is known to be more
   *     than {@code max} bytes
   */
  byte[] bodyBytes(int max) throws IOException;

  /** Whether the server is being closed: who waits here for something to happen ends now. */
  boolean ending();

  /** {@code http://HOST:PORT} as the caller addressed it, for absolute addresses in answers. */
  String origin();

  /** {@code HOST:PORT} as the caller addressed this server; empty if it did not say. */
  String authority();

  /**
   * Who is calling: the other end of the connection, or of the one that a configured proxy says it
   * has.
   */
  InetAddress remoteAddress();

  /**
   * Whether the caller is on this machine for certain: through a loopback listener, and through no
   * proxy that says so.
   */
  boolean local();

  /**
   * The certificate by which the caller's end of the TLS connection is known, the leaf first; empty
   * without one. It leads to an authority that the listener was told to believe.
   */
  List<X509Certificate> clientCertificates();

  /** What a filter attached under {@code type}. */
  <T> Optional<T> attribute(Class<T> type);

  <T> void attribute(Class<T> type, T value);

  // The answer

  /** 200 unless set. */
  Exchange status(int status);

  /** Replaces the header's earlier values. */
  Exchange setHeader(String name, String value);

  Exchange addHeader(String name, String value);

  /** Ends with no body. */
  void send() throws IOException;

  /** Ends with a body of exactly this content type: no parameters are added to it. */
  void send(String contentType, byte[] body) throws IOException;

  /** Ends a HEAD request with the headers of a body of {@code length} bytes. */
  void sendHead(String contentType, long length) throws IOException;

  /** Ends with {@code application/json}. */
  void sendJson(JsonNode body) throws IOException;

  /**
   * Ends with {@code length} bytes of a channel, in constant memory; does not close it.
   *
   * @throws IOException if the caller went away or the channel ends early; the connection is then
   *     cut, so that the caller notices
   */
  void send(String contentType, long length, ReadableByteChannel body) throws IOException;

  /** Ends with a body of unknown length that {@code writer} produces, in chunked coding. */
  void sendStream(String contentType, StreamWriter writer) throws IOException;

  /** Whether the head of the answer has left: no error can be reported any more. */
  boolean committed();

  /** Produces a body. */
  @FunctionalInterface
  interface StreamWriter {
    void writeTo(OutputStream out) throws IOException;
  }
}
