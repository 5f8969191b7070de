package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Repository;
import dev.bulla.registry.Registry;
import dev.bulla.store.Blobs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A blob on its way from an upstream to a reader, who gets it while it is stored. The last piece is
 * given out only when the whole is what its digest says; a reader of anything else is cut off. A
 * reader that goes away does not end it: the rest is stored when this is closed. What has arrived
 * before the upstream broke off stays, if parts are kept. For one thread.
 */
public final class PassingBlob implements ReadableByteChannel {
  private static final int PIECE = 128 * 1024;

  private final Registry registry;
  private final String repository;
  private final Descriptor blob;
  private final InputStream in;
  private final Blobs.Upload upload;
  private final Optional<PartialTable> parts;
  private ByteBuffer piece = ByteBuffer.allocate(0);
  private long taken;
  private boolean stored;
  private boolean failed;
  private boolean broken;
  private boolean open = true;

  private PassingBlob(
      Registry registry,
      String repository,
      Descriptor blob,
      InputStream in,
      Blobs.Upload upload,
      Optional<PartialTable> parts) {
    this.registry = registry;
    this.repository = repository;
    this.blob = blob;
    this.in = in;
    this.upload = upload;
    this.parts = parts;
  }

  /**
   * @param parts where it is noted what has arrived; empty if that does not stay
   */
  static PassingBlob open(
      Registry registry,
      String repository,
      Descriptor blob,
      Repository upstream,
      Optional<PartialTable> parts)
      throws IOException {
    InputStream in = upstream.blob(blob);
    try {
      Blobs.Upload upload = registry.beginUpload(repository, blob.digest().algorithm());
      parts.ifPresent(table -> table.keep(blob.digest(), upload.id()));
      return new PassingBlob(registry, repository, blob, in, upload, parts);
    } catch (RuntimeException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!piece.hasRemaining() && !next()) {
      return -1;
    }
    int n = Math.min(piece.remaining(), target.remaining());
    target.put(target.position(), piece, piece.position(), n);
    target.position(target.position() + n);
    piece.position(piece.position() + n);
    return n;
  }

  /** Stores the next piece; the last one is preceded by the proof of the whole. */
  private boolean next() throws IOException {
    if (stored) {
      return false;
    }
    try {
      byte[] bytes = arriving();
      upload.append(OptionalLong.of(taken), new ByteArrayInputStream(bytes));
      taken += bytes.length;
      if (taken == blob.size()) {
        if (in.read() >= 0) {
          throw new IOException("the upstream sends more than " + blob.size() + " bytes");
        }
        registry.commit(repository, upload, blob.digest());
        stored = true;
      } else if (bytes.length == 0) {
        throw new IOException("the upstream sends less than " + blob.size() + " bytes");
      }
      piece = ByteBuffer.wrap(bytes);
      return bytes.length > 0;
    } catch (IOException | RuntimeException e) {
      failed = true;
      throw e;
    }
  }

  private byte[] arriving() throws IOException {
    try {
      return in.readNBytes((int) Math.min(PIECE, blob.size() - taken));
    } catch (IOException e) {
      broken = true;
      throw e;
    } catch (BullaException e) {
      broken = e.code().kind() == ErrorCode.Kind.UNAVAILABLE;
      throw e;
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  /** Stores what the reader has left. */
  @Override
  public void close() throws IOException {
    open = false;
    try (in) {
      while (!stored && !failed) {
        next();
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.REGISTRY_UNAVAILABLE,
          "blob %s: %s".formatted(blob.digest(), e.getMessage()),
          e);
    } finally {
      end();
    }
  }

  private void end() {
    boolean stays = broken && parts.isPresent();
    if (!stored && !stays) {
      upload.abort();
    }
    if (!stays) {
      parts.ifPresent(table -> table.forget(blob.digest()));
    }
  }
}
