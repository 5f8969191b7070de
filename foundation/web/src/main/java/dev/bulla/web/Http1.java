package dev.bulla.web;

import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * HTTP/1.1 as Jetty has it, save that a refused request keeps the beginning of its address: what
 * cannot be decoded is told in the form of the protocol that it was meant for.
 */
final class Http1 extends HttpConnectionFactory {
  private static final String BROKEN = "/badMessage";

  Http1(HttpConfiguration configuration) {
    super(configuration);
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    HttpConnection connection = new Remembering(getHttpConfiguration(), connector, endPoint);
    connection.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
    return configure(connection, connector, endPoint);
  }

  /** Of one thread at a time, as its parser is. */
  private static final class Remembering extends HttpConnection {
    private String asked = "";

    Remembering(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
      super(configuration, connector, endPoint);
    }

    @Override
    protected HttpStreamOverHTTP1 newHttpStream(String method, String uri, HttpVersion version) {
      if (uri.equals(BROKEN)) {
        return super.newHttpStream(method, prefix(asked) + BROKEN, version);
      }
      asked = uri;
      return super.newHttpStream(method, uri, version);
    }

    /** The first part of a path, if it is a plain one. */
    private static String prefix(String uri) {
      int slash = uri.startsWith("/") ? uri.indexOf('/', 1) : -1;
      return slash > 0 && uri.substring(1, slash).matches("[a-z0-9]+")
          ? uri.substring(0, slash)
          : "";
    }
  }
}
