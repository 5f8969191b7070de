package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Whether a log of the trusted root holds an entry about a signature (Sigstore client
 * specification, "Transparency Log Entry").
 *
 * <p>An entry proves itself in one of two ways, and in every way that it carries: by the log's
 * promise to include it (Rekor v1's signed entry timestamp), or by a Merkle path to a root hash
 * that the log signed. Only a promise proves a time.
 */
final class LogCheck {
  private final TrustedRoot root;
  private final SignedMaterial signed;

  LogCheck(TrustedRoot root, SignedMaterial signed) {
    this.root = root;
    this.signed = signed;
  }

  /**
   * An entry that is proven.
   *
   * @param time when the log took it, if it has promised that
   */
  record Proven(LogEntry entry, TrustedRoot.Log log, Optional<Instant> time) {}

  /**
   * @throws BullaException {@link ErrorCode#LOG_ENTRY_MISSING} if the entry is of a log that is not
   *     in the trusted root, {@link ErrorCode#LOG_ENTRY_INVALID} if it is not proven or about
   *     something else
   */
  Proven check(LogEntry entry) {
    TrustedRoot.Log log = log(entry);
    if (!entry.hasProof() && (!entry.hasPromise() || entry.isRebuilt())) {
      throw invalid("it carries no proof");
    }
    byte[] body = LogBody.checked(entry, signed);
    entry.integratedTime().ifPresent(this::checkWithinCertificate);
    Optional<Instant> time = Optional.empty();
    if (entry.hasPromise() && !entry.isRebuilt()) {
      time = Optional.of(promisedTime(entry, log));
    }
    entry.proof().ifPresent(proof -> checkIncluded(entry, proof, body, log));
    return new Proven(entry, log, time);
  }

  private TrustedRoot.Log log(LogEntry entry) {
    List<TrustedRoot.Log> named =
        root.logs().stream().filter(log -> log.hasId(entry.logId())).toList();
    if (named.isEmpty()) {
      throw new BullaException(
          ErrorCode.LOG_ENTRY_MISSING,
          "the log with the id %s is not in the trusted root"
              .formatted(
                  HexFormat.of()
                      .formatHex(
                          Arrays.copyOf(entry.logId(), Math.min(32, entry.logId().length)))));
    }
    return named.stream()
        .filter(log ->
            entry.integratedTime().isEmpty() || log.validity().covers(entry.integratedTime().get()))
        .findFirst()
        .orElseThrow(() ->
            invalid(
                "it was taken at %s, the log %s is trusted %s"
                    .formatted(
                        entry.integratedTime().orElseThrow(),
                        named.getFirst(),
                        named.getFirst().validity())));
  }

  private void checkWithinCertificate(Instant time) {
    signed
        .certificate()
        .filter(one ->
            time.isBefore(one.getNotBefore().toInstant())
                || time.isAfter(one.getNotAfter().toInstant()))
        .ifPresent(one -> {
          throw invalid(
              "it was taken at %s, the certificate is valid from %s to %s"
                  .formatted(time, one.getNotBefore().toInstant(), one.getNotAfter().toInstant()));
        });
  }

  /**
   * The time of a signed entry timestamp: a signature over the RFC 8785 form of body, time, log and
   * index.
   */
  private static Instant promisedTime(LogEntry entry, TrustedRoot.Log log) {
    Instant time =
        entry.integratedTime().orElseThrow(() -> invalid("it carries a promise and no time"));
    byte[] promised =
        Json.canonical(
            Json.object()
                .put("body", Base64.getEncoder().encodeToString(entry.body()))
                .put("integratedTime", time.getEpochSecond())
                .put("logID", HexFormat.of().formatHex(entry.logId()))
                .put("logIndex", entry.index()));
    if (!log.key().verify(Checkpoint.algorithm(log), promised, entry.promise().orElseThrow())) {
      throw invalid(
          "the promise of the log %s does not verify".formatted(Shown.text(log.toString())));
    }
    return time;
  }

  private static void checkIncluded(
      LogEntry entry, InclusionProof proof, byte[] body, TrustedRoot.Log log) {
    if (entry.isRebuilt() && proof.index() != entry.index()) {
      throw invalid("the proof is for another index than the entry's");
    }
    Checkpoint checkpoint = Checkpoint.parse(proof.checkpoint());
    if (entry.isRebuilt() && !checkpoint.origin().equals(host(log))) {
      throw invalid(
          "the checkpoint's origin is '%s', expected that of the log, '%s'"
              .formatted(Shown.text(checkpoint.origin()), host(log)));
    }
    checkpoint.checkSignedBy(log);
    if (checkpoint.size() != proof.size()
        || !Arrays.equals(checkpoint.rootHash(), proof.rootHash())) {
      throw invalid("the checkpoint is of another tree than the proof");
    }
    if (!proof
        .root(InclusionProof.leafHash(body))
        .filter(computed -> Arrays.equals(computed, checkpoint.rootHash()))
        .isPresent()) {
      throw invalid("the proof does not lead from this entry to the checkpoint's root hash");
    }
  }

  static String host(TrustedRoot.Log log) {
    try {
      String host = new URI(log.baseUrl()).getHost();
      return host == null ? "" : host;
    } catch (URISyntaxException e) {
      return "";
    }
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.LOG_ENTRY_INVALID, "log entry: " + why);
  }
}
