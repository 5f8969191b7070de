package dev.bulla.signing.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.TrustDecision.Clause;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Workshop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence in any order: each piece that comes leaves every demand at least as satisfied. */
class MoreEvidenceTest {
  private static final ImageName NAME = ImageName.of(Reference.parse("registry.example/app:v1"));
  private static final String TYPE = PredicateTypes.SLSA_PROVENANCE_V1;

  @TempDir Path temp;
  private EvidenceMemory memories = new EvidenceMemory(0);

  @Test
  void noPieceOfEvidenceMakesAnAnswerWorse() {
    Team dev = Team.of(temp, "dev");
    Team sec = Team.of(temp, "sec");
    Team stranger = Team.of(temp, "stranger");
    Repository layout = Workshop.layout(temp);
    Descriptor image = Workshop.image(layout, "v1");
    List<Digest> evidence =
        new ArrayList<>(
            Stream.of(
                    dev.cosign(layout, image),
                    dev.notation(layout, image),
                    sec.cosign(layout, image),
                    stranger.cosign(layout, image),
                    stranger.notation(layout, image),
                    dev.attest(layout, image, TYPE),
                    sec.attest(
                        layout,
                        image,
                        TYPE,
                        "{\"runDetails\": {\"metadata\": {\"finishedOn\":"
                            + " \"2026-11-21T11:00:00Z\"}}}"),
                    stranger.attest(layout, image, TYPE),
                    sec.attest(layout, image, "https://example.test/other/v1"),
                    garbage(layout, image))
                .map(Descriptor::digest)
                .toList());
    List<AuthorityPolicy> policies =
        Stream.of(
                "signatures: [{authorities: [dev, sec], threshold: 2}]",
                "signatures: [{authorities: [dev]}], attestations: [{type: slsaprovenance1,"
                    + " authorities: [dev, sec], threshold: 2}]",
                "attestations: [{type: slsaprovenance1, authorities: [sec], maximumAge: 1d}]")
            .map(demands ->
                Policies.everywhere(
                    Stream.of(
                        "dev: {keys: [%s], notation: [%s]}".formatted(dev.key(), dev.root("\"*\"")),
                        "sec: {keys: [%s]}".formatted(sec.key())),
                    demands))
            .toList();
    memories = new EvidenceMemory(1 << 20);
    Random random = new Random(11);
    for (int round = 0; round < 3; round++) {
      Collections.shuffle(evidence, random);
      for (AuthorityPolicy policy : policies) {
        inThisOrder(evidence, layout, image, policy);
      }
    }
  }

  @Test
  void onePieceMoreCostsOneVerificationForWhoRemembers() {
    Team dev = Team.of(temp, "dev");
    Team stranger = Team.of(temp, "stranger");
    Repository layout = Workshop.layout(temp);
    Descriptor image = Workshop.image(layout, "v1");
    AuthorityPolicy policy =
        Policies.everywhere(
            Stream.of("dev: {keys: [%s], notation: [%s]}".formatted(dev.key(), dev.root("\"*\""))),
            "signatures: [{authorities: [dev]}]");
    Set<Digest> present = new HashSet<>();
    Some some = new Some(layout, present);
    AuthorityVerifier verifier =
        new AuthorityVerifier(
            Workshop.CLOCK, Optional.of(new EvidenceMemory(1 << 20).of(policy.digest())));
    for (int i = 0; i < 3; i++) {
      present.add(stranger.cosign(layout, image).digest());
      present.add(stranger.notation(layout, image).digest());
      some.read.set(0);
      Verification answer = verifier.verify(some, image, policy, NAME, Conditions.NONE);
      assertThat(answer.accepted()).isFalse();
      assertThat(answer.signatures()).hasSize(2 * i + 2);
      assertThat(some.read.get()).isEqualTo(2);
    }
    Conditions few = Conditions.NONE.withMaxSignatures(6);
    present.add(dev.cosign(layout, image).digest());
    assertThat(verifier.verify(some, image, policy, NAME, Conditions.NONE).accepted()).isTrue();
    assertThat(
            verifier
                .verify(some, image, policy, NAME, few.withEverything())
                .failure()
                .orElseThrow()
                .code())
        .as("what is not read may be what counts")
        .isEqualTo(ErrorCode.SIGNATURE_TOO_MANY);
  }

  private void inThisOrder(
      List<Digest> evidence, Repository layout, Descriptor image, AuthorityPolicy policy) {
    Set<Digest> present = new HashSet<>();
    boolean accepted = false;
    int satisfied = 0;
    for (Digest next : evidence) {
      present.add(next);
      Verification answer =
          new AuthorityVerifier(Workshop.CLOCK)
              .verify(new Some(layout, present), image, policy, NAME, Conditions.NONE);
      Verification remembered =
          new AuthorityVerifier(Workshop.CLOCK, Optional.of(memories.of(policy.digest())))
              .verify(new Some(layout, present), image, policy, NAME, Conditions.NONE);
      assertThat(remembered.accepted()).isEqualTo(answer.accepted());
      assertThat(remembered.failure()).isEqualTo(answer.failure());
      int now =
          answer.decision().orElseThrow().clauses().stream()
              .map(Clause::satisfied)
              .mapToInt(List::size)
              .sum();
      assertThat(answer.accepted() || !accepted).as("with %s", present).isTrue();
      assertThat(now).isGreaterThanOrEqualTo(satisfied);
      accepted = answer.accepted();
      satisfied = now;
    }
    assertThat(accepted).isTrue();
  }

  private static Descriptor garbage(Repository layout, Descriptor image) {
    byte[] bytes = "{\"mediaType\":1}".getBytes(StandardCharsets.UTF_8);
    String type = "application/vnd.dev.sigstore.bundle.v0.3+json";
    Descriptor blob = Descriptor.of(type, bytes);
    layout.pushBlob(blob, BlobSource.of(bytes));
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, empty);
    layout.pushBlob(config, BlobSource.of(empty));
    Manifest manifest =
        Manifest.image(config, List.of(blob), Optional.of(type), Optional.of(image), Map.of());
    layout.pushManifest(manifest, List.of());
    return manifest.descriptor();
  }

  /** A repository of whose referrers only some are there. */
  private record Some(Repository whole, Set<Digest> present, AtomicInteger read)
      implements Repository {
    Some(Repository whole, Set<Digest> present) {
      this(whole, present, new AtomicInteger());
    }

    @Override
    public String name() {
      return whole.name();
    }

    @Override
    public Optional<Descriptor> resolve(String tagOrDigest) {
      return whole.resolve(tagOrDigest);
    }

    @Override
    public Manifest manifest(Descriptor descriptor) {
      return whole.manifest(descriptor);
    }

    @Override
    public InputStream blob(Descriptor descriptor) throws IOException {
      return whole.blob(descriptor);
    }

    @Override
    public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
      read.incrementAndGet();
      return whole.blobBytes(descriptor, maxBytes);
    }

    @Override
    public boolean hasBlob(Descriptor descriptor) {
      return whole.hasBlob(descriptor);
    }

    @Override
    public void pushBlob(Descriptor descriptor, BlobSource source) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void pushManifest(Manifest manifest, Collection<String> tags) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
      return whole.referrers(subject, artifactType).stream()
          .filter(one -> present.contains(one.digest()))
          .toList();
    }

    @Override
    public List<String> tags() {
      return whole.tags();
    }

    @Override
    public void close() {}
  }
}
