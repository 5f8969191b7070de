package dev.bulla.signing.notation;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.timestamp.TimestampSource;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes envelopes, with a key at hand or through a plugin. Thread-safe. */
interface EnvelopeMaker {
  /**
   * What is to be signed and how.
   *
   * @param metadata the user's own pairs
   * @param now in whole seconds
   * @param life in whole seconds, at least one
   */
  record Order(
      Descriptor subject,
      Map<String, String> metadata,
      Instant now,
      Optional<Duration> life,
      EnvelopeFormat format,
      Optional<Stamping> stamping) {
    byte[] payload() {
      return TargetArtifact.write(subject, metadata);
    }

    Optional<Instant> expiry() {
      return life.map(duration -> now.plusSeconds(duration.getSeconds()));
    }
  }

  /** Who stamps, and by which roots the stamp is verified before it is used. */
  record Stamping(
      TimestampSource source, List<X509Certificate> roots, RevocationSource revocation) {
    public Stamping {
      roots = List.copyOf(roots);
    }
  }

  /**
   * A finished envelope.
   *
   * @param chain leaf first
   * @param annotations that the signature's manifest should have beside the usual ones
   */
  record Made(
      byte[] envelope,
      List<X509Certificate> chain,
      Instant signed,
      Map<String, String> annotations) {}

  /**
   * The hash by which a file is named.
   *
   * @throws dev.bulla.core.BullaException {@code KEY_UNSUPPORTED} if it signs no files
   */
  Digest.Algorithm fileHash();

  Made make(Order order);
}
