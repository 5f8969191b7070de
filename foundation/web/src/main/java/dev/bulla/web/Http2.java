package dev.bulla.web;

import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 (RFC 9113), whose classes are loaded when the first connection speaks it: by ALPN over
 * TLS, and by prior knowledge in the clear. An upgrade from HTTP/1.1 is not done: RFC 9113 has
 * taken it back, and Java's own client asks for it in every first request.
 *
 * <p>One connection may have {@value #STREAMS} requests at once. Frames that cost the server more
 * than the client, such as resets of streams just opened, are taken {@value #COSTLY} times a
 * second; then the connection ends (CVE-2023-44487). What a connection has sent and nobody has read
 * yet is bounded by the windows.
 */
final class Http2 implements ConnectionFactory.Upgrading {
  private static final int STREAMS = 128;
  private static final int COSTLY = 128;
  private static final int STREAM_WINDOW = 512 * 1024;
  private static final int SESSION_WINDOW = 4 * 1024 * 1024;

  private final HttpConfiguration configuration;
  private final boolean tls;
  private volatile @Nullable AbstractHTTP2ServerConnectionFactory made;

  Http2(HttpConfiguration configuration, boolean tls) {
    this.configuration = configuration;
    this.tls = tls;
  }

  /** Whether the stream of a request was reset, by whomever, or ended with its connection. */
  static boolean isGone(Request request) {
    if (request.getConnectionMetaData().getConnection() instanceof HTTP2Connection connection) {
      Stream stream = connection.getSession().getStream(Integer.parseInt(request.getId()));
      return stream == null || stream.isReset();
    }
    return false;
  }

  @Override
  public String getProtocol() {
    return tls ? "h2" : "h2c";
  }

  @Override
  public List<String> getProtocols() {
    return List.of(getProtocol());
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    return factory().newConnection(connector, endPoint);
  }

  @Override
  public @Nullable Connection upgradeConnection(
      Connector connector,
      EndPoint endPoint,
      MetaData.Request request,
      HttpFields.Mutable answered) {
    return HttpMethod.PRI.is(request.getMethod())
            && factory() instanceof HTTP2CServerConnectionFactory clear
        ? clear.upgradeConnection(connector, endPoint, request, answered)
        : null;
  }

  private AbstractHTTP2ServerConnectionFactory factory() {
    AbstractHTTP2ServerConnectionFactory known = made;
    return known == null ? make() : known;
  }

  private synchronized AbstractHTTP2ServerConnectionFactory make() {
    AbstractHTTP2ServerConnectionFactory known = made;
    if (known != null) {
      return known;
    }
    AbstractHTTP2ServerConnectionFactory factory =
        tls
            ? new HTTP2ServerConnectionFactory(configuration)
            : new HTTP2CServerConnectionFactory(configuration);
    factory.setMaxConcurrentStreams(STREAMS);
    if (!tls) {
      factory.setInputBufferSize(
          Connectors.INPUT_BUFFER); // for what came together with the preface
    }
    factory.setInitialStreamRecvWindow(STREAM_WINDOW);
    factory.setInitialSessionRecvWindow(SESSION_WINDOW);
    factory.setRateControlFactory(new WindowRateControl.Factory(COSTLY));
    factory.setConnectProtocolEnabled(false);
    try {
      factory.start();
    } catch (Exception e) {
      throw new IllegalStateException("HTTP/2 cannot be spoken", e);
    }
    made = factory;
    return factory;
  }
}
