package dev.bulla.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.TrustDecision;
import dev.bulla.core.claim.Verification;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Repository;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.Conditions;
import dev.bulla.signing.authority.DefaultRoot;
import dev.bulla.signing.authority.ImageName;
import dev.bulla.signing.cosign.BundleSigner;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.keyless.EvidenceServices;
import dev.bulla.signing.keyless.FakeSigstore;
import dev.bulla.signing.keyless.IdentityToken;
import dev.bulla.signing.keyless.KeylessIdentity;
import dev.bulla.signing.keyless.SigningServices;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of {@code docs/embedding.md} are this code, and this code runs. */
class LibraryExamplesTest {
  private static final Path SOURCE =
      Path.of("src/test/java/dev/bulla/signing/LibraryExamplesTest.java");
  private static final Path PAGE = Path.of("../../docs/embedding.md");

  @TempDir Path directory;

  @Test
  void signsAndVerifiesAndExplains() throws IOException {
    Path keys = directory.resolve("keys");
    Path layout = directory.resolve("layout");
    try (Repository made = Layout.create(layout)) {
      Workshop.image(made, "v1");
    }
    sign(keys, layout);
    Verification verification = verify(keys, layout);
    assertThat(verification.accepted()).isTrue();
    assertThat(explain(verification)).contains("integrity PASSED").contains("digest PASSED");
    assertThat(byPolicy(keys, layout)).isEqualTo("signatures: release");
  }

  @Test
  void verifiesByIdentity() throws IOException {
    Path home = PeerFixtures.unpack("sigstore-instance.zip", directory);
    assertThat(
            byIdentity(
                    home.resolve("roots/trusted_root.json"),
                    home.resolve("artifacts/doc.txt"),
                    home.resolve("bundles/keyless-email.sigstore.json"))
                .accepted())
        .isTrue();
  }

  @Test
  void signsWithoutAKey() throws IOException {
    Path file = Files.writeString(directory.resolve("app.txt"), "hello");
    try (FakeSigstore fake = new FakeSigstore()) {
      byte[] bundle =
          withoutKey(
              file,
              FakeSigstore.alice(),
              fake.services(2),
              fake.trustedRoot(),
              InstantSource.fixed(FakeSigstore.NOW),
              new SecureRandom());
      SignerIdentity alice =
          new SignerIdentity(
              TextPattern.exactly("alice@example.test"), TextPattern.exactly(FakeSigstore.ISSUER));
      CosignTrust trust = new CosignTrust(alice, fake.trustedRoot(), "alice");
      assertThat(new VerifyBlob().verify(file, bundle, trust).accepted()).isTrue();
    }
  }

  @Test
  void thePageShowsThisCode() throws IOException {
    String page = Files.readString(PAGE);
    List<String> examples =
        Pattern.compile("// example\\n(.*?)\\n *// end", Pattern.DOTALL)
            .matcher(Files.readString(SOURCE))
            .results()
            .map(found -> found.group(1).stripIndent())
            .toList();
    assertThat(examples).hasSize(6);
    Matcher shown = Pattern.compile("```java\\n(.*?)\\n```", Pattern.DOTALL).matcher(page);
    assertThat(shown.results().map(found -> found.group(1)).toList()).isEqualTo(examples);
  }

  @Test
  void theExampleProjectIsThisCode() throws IOException {
    Path example = Path.of("../../examples/embedding/src/main/java/example/Embedding.java");
    String project = Files.readString(example);
    for (String line :
        List.of(
            "SigningIdentity.openOrCreate(keys, InstantSource.system(), new SecureRandom()",
            ".sign(repository, image, Map.of(\"stage\", \"prod\"));",
            "new CosignTrust(KeyFiles.verifier(keys.resolve(\"signing.pub\")), \"signing.pub\")",
            ".verify(repository, image, new Trust.ByKey(trust));",
            ".ifPresent(why -> text.append(why.code().id())")) {
      assertThat(project).contains(line);
      assertThat(Files.readString(SOURCE)).contains(line);
    }
  }

  private static void sign(Path keys, Path layout) {
    // example
    SigningIdentity identity =
        SigningIdentity.openOrCreate(keys, InstantSource.system(), new SecureRandom(), "Ada");
    try (Repository repository = Layout.create(layout)) {
      Descriptor image = repository.resolve("v1").orElseThrow();
      new SignImage(identity.signer(), InstantSource.system())
          .sign(repository, image, Map.of("stage", "prod"));
    }
    // end
  }

  private static Verification verify(Path keys, Path layout) {
    // example
    CosignTrust trust =
        new CosignTrust(KeyFiles.verifier(keys.resolve("signing.pub")), "signing.pub")
            .withAnnotations(Map.of("stage", "prod"));
    try (Repository repository = Layout.open(layout)) {
      Descriptor image = repository.resolve("v1").orElseThrow();
      return new VerifyImage(InstantSource.system())
          .verify(repository, image, new Trust.ByKey(trust));
    }
    // end
  }

  private static String explain(Verification verification) {
    // example
    StringBuilder text = new StringBuilder();
    verification
        .failure()
        .ifPresent(why -> text.append(why.code().id()).append(": ").append(why.reason()));
    for (SignatureRecord signature : verification.signatures()) {
      for (Check check : signature.checks()) {
        text.append("%s %s %s%n".formatted(check.name(), check.outcome(), check.found()));
      }
    }
    return text.toString();
    // end
  }

  private static Verification byIdentity(Path trustedRoot, Path file, Path bundle)
      throws IOException {
    // example
    CosignTrust trust =
        new CosignTrust(
            new SignerIdentity(
                TextPattern.exactly("alice@example.test"),
                TextPattern.exactly("http://127.0.0.1:8900")),
            TrustedRoot.parse(Files.readAllBytes(trustedRoot)),
            "alice");
    return new VerifyBlob().verify(file, Files.readAllBytes(bundle), trust);
    // end
  }

  private static byte[] withoutKey(
      Path file,
      IdentityToken token,
      SigningServices services,
      TrustedRoot root,
      InstantSource clock,
      SecureRandom random) {
    // example
    URI authority = services.authority().orElseThrow();
    try (ServiceClient client = new ServiceClient()) {
      KeylessIdentity identity =
          new KeylessIdentity(
              token, IdentityToken.AUDIENCE, authority, root, client, clock, random);
      EvidenceServices evidence = new EvidenceServices(services, root, client, clock, random);
      return BundleSigner.keyless(identity, evidence).sign(file);
    }
    // end
  }

  private static String byPolicy(Path keys, Path layout) throws IOException {
    Path file = keys.resolve("trust.yaml");
    Files.writeString(
        file,
        Files.readString(Path.of("../../examples/trust/one-key.yaml"))
            .replace("keys/release.pub", "signing.pub"));
    try (Repository repository = Layout.open(layout)) {
      Descriptor image = repository.resolve("v1").orElseThrow();
      // example
      AuthorityPolicy policy = AuthorityPolicy.load(file, DefaultRoot.none());
      ImageName name = ImageName.of(Reference.parse("registry.example/team/app:1.0"));
      Verification answer =
          new VerifyImage(InstantSource.system())
              .verify(repository, image, new Trust.ByAuthorities(policy, name, Conditions.NONE));
      StringBuilder text = new StringBuilder();
      for (TrustDecision.Clause clause : answer.decision().orElseThrow().clauses()) {
        text.append(clause.name()).append(": ").append(clause.missing());
        clause.satisfied().forEach(one -> text.append(one.authority()));
      }
      return text.toString();
      // end
    }
  }
}
