package dev.bulla.server;

import java.io.IOException;
import java.io.InputStream;

/**
 * The standard input of a command that runs for somebody elsewhere: it stays with the caller. A
 * command that wants it has to run there.
 */
final class UnreadInput extends InputStream {
  private volatile boolean wanted;

  /** Whether the command wanted to read. */
  boolean wanted() {
    return wanted;
  }

  @Override
  public int read() throws IOException {
    wanted = true;
    throw new IOException("standard input is not here");
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return read();
  }
}
