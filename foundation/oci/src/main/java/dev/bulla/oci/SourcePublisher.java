package dev.bulla.oci;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends a part of a blob in large pieces.
 *
 * <p>The pieces are read on the thread that asks for them; demand that arrives while one is handed over is served by the loop
 * that is already running, so that pieces never overtake each other.
 */
final class SourcePublisher implements BodyPublisher {
  private static final int PIECE = 128 * 1024;

  private final Cursor source;
  private final long offset;
  private final long length;
  private final boolean last;

  /**
   * @param last whether the part ends the blob
   */
  SourcePublisher(Cursor source, long offset, long length, boolean last) {
    this.source = source;
    this.offset = offset;
    this.length = length;
    this.last = last;
  }

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    subscriber.onSubscribe(new Sending(subscriber));
  }

  /** One pass over the part. */
  private final class Sending implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private long left = length;
    private volatile boolean ended;

    Sending(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      if (n > 0 && demand.getAndAdd(n) == 0) {
        serve();
      }
    }

    @Override
    public void cancel() {
      ended = true;
    }

    private void serve() {
      try {
        do {
          if (ended) {
            return;
          }
          next();
        } while (demand.decrementAndGet() > 0);
      } catch (IOException | RuntimeException e) {
        ended = true;
        subscriber.onError(e);
      }
    }

    private void next() throws IOException {
      if (left == length) {
        source.seek(offset);
      }
      byte[] piece = source.read((int) Math.min(PIECE, left));
      if (piece.length == 0 && left > 0) {
        throw new IOException("the source ended " + left + " bytes early");
      }
      left -= piece.length;
      if (left == 0 && last) {
        source.finish();
      }
      if (piece.length > 0) {
        subscriber.onNext(ByteBuffer.wrap(piece));
      }
      if (left == 0) {
        ended = true;
        subscriber.onComplete();
      }
    }
  }
}
