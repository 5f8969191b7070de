package dev.bulla.signing.describe;

import dev.bulla.core.statement.Statement;
import dev.bulla.signing.sigstore.LogEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one signature says of itself. Nothing of it is verified: anybody can write it.
 *
 * @param format {@code notation-jws}, {@code notation-cose}, {@code sigstore-bundle}, {@code
 *     cosign-legacy}
 * @param algorithm as the envelope names it, else of the certificate's key
 * @param signer certificate subject, identity, or the key's SHA-256; empty if it does not say
 * @param payloadType of what is signed
 * @param subjects digests that the signed bytes name
 * @param statement if an in-toto statement is signed
 * @param pairs the signer's own pairs
 * @param attributes everything else, by the format's own names
 * @param certificates leaf first
 * @param signingTime the signer's word
 */
public record Description(
    String format,
    Optional<String> algorithm,
    Optional<String> signer,
    Optional<String> payloadType,
    List<String> subjects,
    Optional<Statement> statement,
    Map<String, String> pairs,
    Map<String, String> attributes,
    List<X509Certificate> certificates,
    Optional<Instant> signingTime,
    Optional<Instant> expiry,
    List<DescribedStamp> stamps,
    List<LogEntry> logEntries) {

  public Description {
    subjects = List.copyOf(subjects);
    pairs = java.util.Collections.unmodifiableMap(new TreeMap<>(pairs));
    attributes = java.util.Collections.unmodifiableMap(new TreeMap<>(attributes));
    certificates = List.copyOf(certificates);
    stamps = List.copyOf(stamps);
    logEntries = List.copyOf(logEntries);
  }

  /** The best that it says about when it was made: a timestamp, a log's time, the signer's word. */
  public Optional<Instant> time() {
    return stamps.stream()
        .flatMap(stamp -> stamp.time().stream())
        .findFirst()
        .or(() -> logEntries.stream().flatMap(one -> one.integratedTime().stream()).findFirst())
        .or(() -> signingTime);
  }
}
