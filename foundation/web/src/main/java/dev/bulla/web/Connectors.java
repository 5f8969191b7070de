package dev.bulla.web;

import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** How listeners become Jetty's connectors: protocols, TLS, limits, buffers. */
final class Connectors {
  private static final int MAX_HEAD = 64 * 1024;
  static final int INPUT_BUFFER = 64 * 1024;

  /**
   * What Jetty may keep of direct buffers, and of heap buffers: a burst of connections must not
   * stay in memory.
   */
  private static final long POOLED = 8L * 1024 * 1024;

  private final Optional<SSLContext> tls;
  private final Optional<PublicTls> publicTls;
  private final Duration idleTimeout;
  private final Duration headTimeout;

  Connectors(
      Optional<SSLContext> tls,
      Optional<PublicTls> publicTls,
      Duration idleTimeout,
      Duration headTimeout) {
    this.tls = tls;
    this.publicTls = publicTls;
    this.idleTimeout = idleTimeout;
    this.headTimeout = headTimeout;
  }

  /**
   * What holds for all of them. Paths are taken as they are sent: routes say what may be in them.
   */
  private static HttpConfiguration http() {
    HttpConfiguration http = new HttpConfiguration();
    http.setUriCompliance(UriCompliance.LEGACY);
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(MAX_HEAD);
    http.setResponseHeaderSize(MAX_HEAD);
    http.setOutputBufferSize(32 * 1024);
    return http;
  }

  ServerConnector of(Server server, Listener listener) {
    HttpConfiguration configuration = http();
    HttpConnectionFactory http1 = new HttpConnectionFactory(configuration);
    http1.setInputBufferSize(INPUT_BUFFER);
    Http2 http2 = new Http2(configuration, listener.tls());
    ConnectionFactory[] factories = {http1, http2};
    if (listener.tls()) {
      // a name that no certificate matches is for the client to refuse
      configuration.addCustomizer(new SecureRequestCustomizer(false));
      ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2", "http/1.1");
      alpn.setDefaultProtocol(http1.getProtocol());
      factories = new ConnectionFactory[] {secure(listener, alpn), alpn, http2, http1};
    }
    FileConnector connector =
        new FileConnector(server, bufferPool(), listener.isLoopback(), factories);
    connector.setHost(listener.host());
    connector.setPort(listener.port());
    connector.setIdleTimeout(idleTimeout.toMillis());
    connector.setAcceptQueueSize(512);
    SlowHeads slow = new SlowHeads(connector, headTimeout);
    connector.addEventListener(
        new LifeCycle.Listener() {
          @Override
          public void lifeCycleStarted(LifeCycle started) {
            slow.begin();
          }
        });
    return connector;
  }

  /** Forward secrecy and authenticated encryption only; Jetty leaves out the rest of the old. */
  private SslConnectionFactory secure(Listener listener, ConnectionFactory next) {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    if (listener.isLoopback()) {
      factory.setSslContext(
          tls.orElseThrow(() -> new IllegalStateException("an HTTPS listener needs a key")));
    } else {
      PublicTls own = publicTls.orElseThrow(() -> new IllegalStateException("no certificate"));
      factory.setSslContext(own.context());
      factory.setWantClientAuth(own.asksForCertificates());
    }
    factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    factory.addExcludeCipherSuites("^.*_CBC_.*$");
    factory.setRenegotiationAllowed(false);
    return new SslConnectionFactory(factory, next.getProtocol());
  }

  private static ByteBufferPool bufferPool() {
    return new ArrayByteBufferPool(0, 8 * 1024, INPUT_BUFFER, 256, POOLED, POOLED);
  }
}
