package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gathers what is known into {@link Facts}. Only statements whose signature was verified, and which
 * are about the subject, become provenance, SBOM and vulnerability facts; failed signatures are
 * listed for explanation and count for nothing.
 *
 * <p>A verified statement that cannot be read makes its section absent, with the reason under
 * {@code problem}: what is not understood is never taken for good news. Not thread-safe.
 */
public final class FactsBuilder {
  private static final int MAX_SIGNATURES = 1_000;

  private final Phase phase;
  private final Instant now;
  private Optional<SubjectFacts> subject = Optional.empty();
  private Optional<ObjectNode> template = Optional.empty();
  private final List<SignatureRecord> records = new ArrayList<>();

  /**
   * @param now the moment as of which evidence is judged; with a demonstration advisory set the
   *     set's date
   */
  public FactsBuilder(Phase phase, Instant now) {
    this.phase = phase;
    this.now = now;
  }

  public FactsBuilder subject(SubjectFacts value) {
    this.subject = Optional.of(value);
    return this;
  }

  /**
   * The template and its resolved inputs.
   *
   * @param value with the members {@code template} (name, digest), {@code base} (type, uri, digest,
   *     pinned) and {@code inputs} (name, kind, uri, digest, size, pinned)
   */
  public FactsBuilder template(ObjectNode value) {
    this.template = Optional.of(value.deepCopy());
    return this;
  }

  /**
   * What a verifier found on the subject; may be called once per verifier.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_DIGEST_MISMATCH} if the verification is of
   *     something else, {@link ErrorCode#SIGNATURE_TOO_MANY} beyond 1000 signatures
   */
  public FactsBuilder verification(Verification value) {
    Digest expected =
        subject.orElseThrow(() -> new IllegalStateException("set the subject first")).digest();
    if (!value.subject().digest().equals(expected)) {
      throw new BullaException(
          ErrorCode.SIGNATURE_DIGEST_MISMATCH,
          "facts about %s: the verification is about %s"
              .formatted(expected, value.subject().digest()));
    }
    records.addAll(value.signatures());
    if (records.size() > MAX_SIGNATURES) {
      throw new BullaException(
          ErrorCode.SIGNATURE_TOO_MANY,
          "facts about %s: more than %d signatures".formatted(expected, MAX_SIGNATURES));
    }
    return this;
  }

  /**
   * @throws BullaException {@link ErrorCode#FIELD_INVALID} if the template facts have another shape
   */
  public Facts build() {
    ObjectNode document = Json.object();
    document.put("version", Facts.VERSION);
    document.put("phase", phase.id());
    document.put("now", now.toString());
    document.set("template", TemplateFacts.of(template));
    document.set("subject", subjectNode());
    SignatureFacts.write(records, subject.map(SubjectFacts::digest), document);
    List<VerifiedStatement> verified =
        VerifiedStatement.of(records, subject.map(SubjectFacts::digest));
    document.set("provenance", ProvenanceFacts.of(verified));
    document.set("sbom", SbomFacts.of(verified));
    document.set("vulns", VulnerabilityFacts.of(verified));
    return new Facts(phase, subject.map(SubjectFacts::digest), name(document), document);
  }

  private String name(ObjectNode document) {
    return subject
        .map(s -> s.refs().isEmpty() ? s.digest().toString() : s.refs().getFirst())
        .orElseGet(() -> document.path("template").path("name").asString(""));
  }

  private ObjectNode subjectNode() {
    ObjectNode node = Json.object();
    node.put("present", subject.isPresent());
    node.put("digest", subject.map(s -> s.digest().toString()).orElse(""));
    node.put("mediaType", subject.map(SubjectFacts::mediaType).orElse(""));
    ArrayNode refs = node.putArray("refs");
    subject.ifPresent(s -> s.refs().forEach(refs::add));
    ObjectNode config = node.putObject("config");
    config.put("user", subject.map(SubjectFacts::user).orElse(""));
    ObjectNode labels = config.putObject("labels");
    subject.ifPresent(s -> s.labels().forEach(labels::put));
    return node;
  }
}
