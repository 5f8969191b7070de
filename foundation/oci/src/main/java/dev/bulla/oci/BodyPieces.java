package dev.bulla.oci;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends a body in large pieces.
 *
 * <p>The pieces are read on the thread that asks for them; demand that arrives while one is handed
 * over is served by the loop that is already running, so that pieces never overtake each other.
 */
final class BodyPieces implements BodyPublisher {
  private static final int PIECE = 128 * 1024;

  private final Body body;

  BodyPieces(Body body) {
    this.body = body;
  }

  @Override
  public long contentLength() {
    return body.length();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    subscriber.onSubscribe(new Sending(subscriber));
  }

  /** One pass over the part. */
  private final class Sending implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private long left = body.length();
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
      if (left == body.length()) {
        body.source().seek(body.offset());
      }
      byte[] piece = new byte[(int) Math.min(PIECE, left)];
      if (left > 0) {
        left -= body.next(piece, left);
        subscriber.onNext(ByteBuffer.wrap(piece));
      }
      if (left == 0) {
        ended = true;
        subscriber.onComplete();
      }
    }
  }
}
