package dev.bulla.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.IntSupplier;

/** One caller of a resident process. */
final class ResidentCall implements AutoCloseable {
  /** A request is in one piece in the socket's buffer, or its caller is not one of ours. */
  private static final Duration REQUEST = Duration.ofSeconds(5);

  /** Launchers give up when they hear nothing for 5 seconds. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  private final SocketChannel channel;
  private final InputStream in;
  private volatile boolean answered;

  ResidentCall(SocketChannel channel) {
    this.channel = channel;
    this.in = new BufferedInputStream(Channels.newInputStream(channel), 4096);
  }

  /** What the caller wants. */
  ResidentRequest request() throws IOException {
    Thread limit =
        Thread.ofVirtual()
            .start(() -> {
              if (sleep(REQUEST)) {
                close();
              }
            });
    try {
      return ResidentRequest.read(in);
    } finally {
      limit.interrupt();
    }
  }

  /** Runs while the caller is there; his going away interrupts it. */
  int whileConnected(IntSupplier work) {
    Thread worker = Thread.currentThread();
    Thread.ofVirtual().start(() -> watch(worker));
    Thread heart = Thread.ofVirtual().start(this::beat);
    try {
      return work.getAsInt();
    } finally {
      answered = true;
      heart.interrupt();
      joinUninterrupted(heart);
      Thread.interrupted();
    }
  }

  private void watch(Thread worker) {
    try {
      while (in.read() >= 0) {
        // nothing is expected; it is ignored
      }
    } catch (IOException e) {
      // gone as well
    }
    if (!answered) {
      worker.interrupt();
    }
  }

  private void beat() {
    try {
      while (sleep(HEARTBEAT)) {
        write(ResidentAnswer.PATIENCE);
      }
    } catch (IOException e) {
      // the watch sees it, too
    }
  }

  void answer(byte[] bytes) throws IOException {
    write(bytes);
  }

  private void write(byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // closed is closed
    }
  }

  private static void joinUninterrupted(Thread thread) {
    while (true) {
      try {
        thread.join();
        return;
      } catch (InterruptedException e) {
        // the caller went away; the end of the run says so
      }
    }
  }

  /** Whether nobody interrupted it. */
  private static boolean sleep(Duration time) {
    try {
      Thread.sleep(time);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}
