package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.MediaTypes;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ways to have readers get what nobody signed, each with the answer that it gets; the server is
 * whole, signatures are real. Elsewhere: a client that calls itself cosign and an image that passes
 * itself off as evidence (ContentTrustTest), certificates that ended with and without a timestamp
 * (the tests of Notation's verifier), a cache that would serve before the evidence is there (the
 * tests of replication), ten thousand referrers (the registry's conformance tests).
 */
class TrustAttackTest {
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);
  private static final int JUNK = 12;

  @TempDir static Path directory;
  private static TrustTrial trial;

  @BeforeAll
  static void start() {
    trial = new TrustTrial(directory);
    trial.bind("attack/*", "enforce", trial.policy("alice"));
  }

  @AfterAll
  static void stop() {
    trial.close();
  }

  /**
   * @param run in a repository of its own; returns the status that the attacker gets
   */
  record Attack(String name, int expected, ToIntFunction<String> run) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Attack> attacks() {
    return Stream.of(
        new Attack("an empty referrer of the right type", 403, TrustAttackTest::emptyReferrer),
        new Attack("a signature of another image", 403, TrustAttackTest::foreignSignature),
        new Attack("a signature by a key that is not trusted", 403, TrustAttackTest::otherKey),
        new Attack("a signature in another repository", 403, TrustAttackTest::otherRepository),
        new Attack("a layer of a waiting image by its digest", 403, TrustAttackTest::blob),
        new Attack("a mount of a waiting image's layer", 202, TrustAttackTest::mount),
        new Attack("another image under the tag that waits", 403, TrustAttackTest::overwrittenTag),
        new Attack("another child beside an admitted index", 403, TrustAttackTest::otherChild),
        new Attack("evidence deleted after the admission", 403, TrustAttackTest::deletedEvidence),
        new Attack("an image under a tag for signatures", 403, TrustAttackTest::evidenceTag),
        new Attack("evidence of a gigabyte", 403, TrustAttackTest::gigabyte),
        new Attack("indexes in indexes without an end", 403, TrustAttackTest::nested),
        new Attack("a signature buried under others", 200, TrustAttackTest::buried));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void getsTheAnswerThatItDeserves(Attack attack) {
    String repository = "attack/" + attack.name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-");

    assertThat(attack.run.applyAsInt(repository)).isEqualTo(attack.expected);
  }

  private static int emptyReferrer(String repository) {
    Descriptor image = trial.image(repository, "v1");
    push(repository, bundle(image, 0));
    return trial.pull(repository, "v1");
  }

  private static int foreignSignature(String repository) {
    Descriptor image = trial.image(repository, "v1");
    Descriptor signed = trial.image(repository, "v2");
    Descriptor signature = trial.sign(repository, signed, "alice");
    Manifest real = Manifest.parse(manifestBytes(repository, signature), signature.mediaType());
    push(
        repository,
        Manifest.image(
            real.config().orElseThrow(),
            real.layers(),
            real.artifactType(),
            Optional.of(image),
            real.annotations()));
    return trial.pull(repository, "v1");
  }

  private static int otherKey(String repository) {
    trial.sign(repository, trial.image(repository, "v1"), "mallory");
    return trial.pull(repository, "v1");
  }

  private static int otherRepository(String repository) {
    Descriptor image = trial.image(repository, "v1");
    trial.sign("free/app", image, "alice"); // a subject need not be there
    return trial.pull(repository, "v1");
  }

  private static int blob(String repository) {
    Descriptor image = trial.image(repository, "v1");
    return trial
        .reader()
        .get("/v2/%s/blobs/%s".formatted(repository, layer(repository, image)))
        .status();
  }

  private static int mount(String repository) {
    Descriptor image = trial.image(repository, "v1");
    return trial
        .reader()
        .post(
            "/v2/free/app/blobs/uploads/?mount=%s&from=%s"
                .formatted(layer(repository, image), repository),
            "")
        .status();
  }

  private static int overwrittenTag(String repository) {
    Descriptor first = trial.image(repository, "v1");
    Descriptor second = trial.image(repository, "v1");
    trial.sign(repository, first, "alice");
    assertThat(trial.pull(repository, second)).isEqualTo(403);
    return trial.pull(repository, "v1");
  }

  private static int otherChild(String repository) {
    Descriptor child = trial.image(repository);
    Descriptor index = index(repository, child);
    trial.sign(repository, index, "alice");
    assertThat(trial.pull(repository, child)).isEqualTo(200);
    return trial.pull(repository, trial.image(repository, "child"));
  }

  private static int deletedEvidence(String repository) {
    Descriptor image = trial.image(repository, "v1");
    Descriptor signature = trial.sign(repository, image, "alice");
    assertThat(trial.pull(repository, "v1")).isEqualTo(200);
    trial
        .owner()
        .send(
            "DELETE",
            "/v2/%s/manifests/%s".formatted(repository, signature.digest()),
            "",
            new byte[0]);
    return trial.pull(repository, "v1");
  }

  private static int evidenceTag(String repository) {
    Descriptor image = trial.image(repository, "v1");
    String tag = "sha256-" + image.digest().hex() + ".sig";
    trial.image(repository, tag);
    return trial.pull(repository, tag);
  }

  private static int gigabyte(String repository) {
    Descriptor image = trial.image(repository, "v1");
    return trial.pull(repository, push(repository, bundle(image, 1L << 30)));
  }

  private static int nested(String repository) {
    Descriptor innermost = trial.image(repository);
    Descriptor outer = innermost;
    for (int i = 0; i < 12; i++) {
      outer = index(repository, outer);
    }
    assertThat(trial.pull(repository, outer)).isEqualTo(403);
    return trial.pull(repository, innermost);
  }

  private static int buried(String repository) {
    Descriptor image = trial.image(repository, "v1");
    for (int i = 0; i < JUNK; i++) {
      push(repository, bundle(image, -i));
    }
    trial.sign(repository, image, "alice");
    return trial.pull(repository, "v1");
  }

  /** What looks like a signature; {@code size} tells it from others, and is said if positive. */
  private static Manifest bundle(Descriptor image, long size) {
    Descriptor layer = Descriptor.of(MediaTypes.SIGSTORE_BUNDLE, EMPTY);
    return Manifest.image(
        Descriptor.of(MediaTypes.OCI_EMPTY, EMPTY),
        List.of(size > 0 ? new Descriptor(layer.mediaType(), layer.digest(), size) : layer),
        Optional.of(MediaTypes.SIGSTORE_BUNDLE),
        Optional.of(image),
        Map.of("n", Long.toString(size)));
  }

  private static Descriptor push(String repository, Manifest manifest) {
    trial.owner().pushBlob(repository, EMPTY);
    Client.Answer answer =
        trial
            .owner()
            .send(
                "PUT",
                "/v2/%s/manifests/%s".formatted(repository, manifest.descriptor().digest()),
                manifest.descriptor().mediaType(),
                manifest.bytes());
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return manifest.descriptor();
  }

  private static Descriptor index(String repository, Descriptor child) {
    try (Repository into = trial.repository(repository)) {
      Manifest manifest = Manifest.index(List.of(child), Map.of());
      into.pushManifest(manifest, List.of());
      return manifest.descriptor();
    }
  }

  private static byte[] manifestBytes(String repository, Descriptor image) {
    return trial
        .owner()
        .get("/v2/%s/manifests/%s".formatted(repository, image.digest()))
        .response()
        .body();
  }

  private static String layer(String repository, Descriptor image) {
    return Manifest.parse(manifestBytes(repository, image), image.mediaType())
        .layers()
        .getFirst()
        .digest()
        .toString();
  }
}
