package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Reference;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a registry is. One on this machine may speak HTTPS or plain HTTP, which is tried first: the
 * first question that is asked anyway finds it out, else one of its own. Thread-safe.
 */
final class Endpoint {
  private final Wire wire;
  private final Transport transport;
  private final Reference name;
  private final String host;
  private volatile @Nullable URI base;

  /**
   * @param host of the registry, with its port
   * @param base scheme and authority without a final slash; empty if that is to be found out
   */
  Endpoint(Wire wire, Transport transport, Reference name, String host, Optional<URI> base) {
    this.wire = wire;
    this.transport = transport;
    this.name = name;
    this.host = host;
    this.base = base.orElse(null);
  }

  /**
   * Scheme and authority without a final slash.
   *
   * @throws BullaException {@code REGISTRY_UNAVAILABLE} if a registry on this machine does not
   *     answer
   */
  URI base() {
    URI known = base;
    if (known == null) {
      known = probe();
      base = known;
    }
    return known;
  }

  /**
   * Asks, as {@link Transport#send} does.
   *
   * @param question without a body, of a base
   */
  Response ask(Function<URI, Call> question) {
    if (base == null) {
      URI plain = plain();
      try {
        Response answer = transport.sendOnce(question.apply(plain));
        if (answer.status() != 400 && !Transport.isTransient(answer)) {
          base = plain;
          return answer;
        }
        answer.discard();
      } catch (IOException e) {
        // nobody is there, or not for plain HTTP
      }
    }
    return transport.send(question.apply(base()));
  }

  private URI plain() {
    return URI.create("http://" + host);
  }

  /** A server for HTTPS answers plain HTTP with 400 or with bytes that are not HTTP. */
  private URI probe() {
    URI secure = URI.create("https://" + host);
    Call ping = Call.pull("GET", URI.create(plain() + "/v2/"), "registry " + host, name);
    for (int attempt = 0; ; attempt++) {
      try {
        Response answer = wire.exchange(ping, Optional.empty());
        answer.discard();
        return answer.status() == 400 ? secure : plain();
      } catch (ConnectException e) {
        if (attempt > 0) {
          throw Failures.unreachable(ping, e, attempt + 1);
        }
        Backoff.pause(transport.backoff().delay(0));
      } catch (IOException e) {
        return secure;
      }
    }
  }
}
