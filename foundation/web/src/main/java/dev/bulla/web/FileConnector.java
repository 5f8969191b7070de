package dev.bulla.web;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A listener whose connections are {@link FileEndPoint}s. */
final class FileConnector extends ServerConnector {
  private final boolean local;

  /**
   * @param local whether only this machine can reach it
   */
  FileConnector(
      Server server, ByteBufferPool buffers, boolean local, ConnectionFactory... factories) {
    super(server, null, null, buffers, 1, 1, factories);
    this.local = local;
  }

  boolean local() {
    return local;
  }

  @Override
  protected SocketChannelEndPoint newEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key) {
    FileEndPoint endPoint = new FileEndPoint(channel, selector, key, getScheduler());
    endPoint.setIdleTimeout(getIdleTimeout());
    return endPoint;
  }
}
