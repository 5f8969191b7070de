package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Registry;
import dev.bulla.store.Blob;
import dev.bulla.web.ByteRange;
import dev.bulla.web.Exchange;
import dev.bulla.web.Problem;
import dev.bulla.web.QuickHandler;
import java.io.IOException;
import java.util.Optional;

/** Reading and unlinking blobs (specification 1.1, "Pulling blobs", "Deleting Blobs"). */
final class BlobRoutes {
  private static final String BYTES = "application/octet-stream";

  private final Registry registry;

  BlobRoutes(Registry registry) {
    this.registry = registry;
  }

  /** Answered from the records alone: clients ask this for every layer before a push. */
  void head(Exchange exchange) throws IOException {
    Digest digest = Digest.parse(exchange.pathParam("digest"));
    String repository = RegistryRoutes.repository(exchange);
    if (!RegistryRoutes.seesAll(exchange, repository)) {
      registry.trust().requireBlobKnown(repository, digest);
    }
    long size = registry.blobSize(repository, digest);
    Conditions.describe(exchange, digest);
    exchange.setHeader("Accept-Ranges", "bytes");
    if (Conditions.isKnown(exchange, digest)) {
      exchange.status(304).send();
      return;
    }
    exchange.sendHead(BYTES, size);
  }

  /** What answers GET; without waiting, what is in memory and visible. */
  QuickHandler reader() {
    return QuickHandler.of(this::getAtOnce, this::get);
  }

  private boolean getAtOnce(Exchange exchange) throws IOException {
    String repository = RegistryRoutes.repository(exchange);
    if (exchange.header("Range").isPresent() || RegistryRoutes.seesAll(exchange, repository)) {
      return false;
    }
    Digest digest = Digest.parse(exchange.pathParam("digest"));
    Optional<byte[]> content =
        registry.trust().isBlobVisibleAtOnce(repository, digest)
            ? registry.blobAtOnce(repository, digest)
            : Optional.empty();
    if (content.isPresent()) {
      Conditions.describe(exchange, digest);
      exchange.setHeader("Accept-Ranges", "bytes");
      if (Conditions.isKnown(exchange, digest)) {
        exchange.status(304).send();
      } else {
        exchange.send(BYTES, content.get());
      }
    }
    return content.isPresent();
  }

  private void get(Exchange exchange) throws IOException {
    Digest digest = Digest.parse(exchange.pathParam("digest"));
    String repository = RegistryRoutes.repository(exchange);
    if (!RegistryRoutes.seesAll(exchange, repository)) {
      registry.trust().requireBlobVisible(repository, digest);
    }
    try (Blob blob = registry.blob(repository, digest)) {
      Conditions.describe(exchange, digest);
      exchange.setHeader("Accept-Ranges", "bytes");
      if (Conditions.isKnown(exchange, digest)) {
        exchange.status(304).send();
        return;
      }
      Optional<ByteRange> range;
      try {
        range =
            exchange
                .header("Range")
                .filter(header -> Conditions.isRangeMeant(exchange, digest))
                .flatMap(header -> ByteRange.parse(header, blob.size()));
      } catch (BullaException e) {
        unsatisfiable(exchange, e, blob.size());
        return;
      }
      if (range.isEmpty()) {
        exchange.send(BYTES, blob.size(), blob.from(0));
        return;
      }
      exchange
          .status(206)
          .setHeader("Content-Range", range.get().contentRange())
          .send(BYTES, range.get().length(), blob.from(range.get().first(), range.get().length()));
    }
  }

  void delete(Exchange exchange) throws IOException {
    Digest digest = Digest.parse(exchange.pathParam("digest"));
    registry.deleteBlob(RegistryRoutes.repository(exchange), digest);
    exchange.status(202).send();
  }

  private static void unsatisfiable(Exchange exchange, BullaException e, long size)
      throws IOException {
    if (e.code() != ErrorCode.RANGE_INVALID) {
      throw e;
    }
    exchange.setHeader("Content-Range", "bytes */" + size);
    new OciErrors().write(exchange, Problem.of(e));
  }
}
