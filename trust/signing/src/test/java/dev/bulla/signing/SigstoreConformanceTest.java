package dev.bulla.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.KeyFiles;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Repository;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.cosign.PredicateNames;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every bundle of the public conformance suite and of a private Sigstore instance gets the verdict
 * that it deserves, and each refusal its reason.
 */
class SigstoreConformanceTest {
  private static final List<String> SETS = List.of("conformance", "instance");

  @TempDir static Path directory;

  private static final Map<String, String> REASONS = new HashMap<>();

  @BeforeAll
  static void unpack() throws IOException {
    for (String set : SETS) {
      PeerFixtures.unpack("sigstore-" + set + ".zip", directory.resolve(set));
    }
    try (InputStream in =
        SigstoreConformanceTest.class.getResourceAsStream("sigstore-reasons.txt")) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" "))
          .forEach(part -> REASONS.put(part[0] + " " + part[1], part[2]));
    }
  }

  @TestFactory
  Stream<DynamicTest> everyBundleGetsTheVerdictItDeserves() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String set : SETS) {
      for (Fields one : cases(set, "cases.json")) {
        for (Fields check : one.objects("checks")) {
          String name = set + " " + one.string("name");
          tests.add(
              DynamicTest.dynamicTest(
                  name + " by " + check.string("input"),
                  () -> judge(name, one, () -> verifyBlob(directory.resolve(set), one, check))));
        }
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> everyImageGetsTheVerdictItDeserves() throws IOException {
    return cases("instance", "oci-cases.json").stream()
        .map(one ->
            DynamicTest.dynamicTest(
                one.string("name"),
                () ->
                    judge(
                        "image " + one.string("name"),
                        one,
                        () -> verifyImage(directory.resolve("instance"), one))));
  }

  @Test
  void theSetsAreComplete() throws IOException {
    assertThat(everyBundleGetsTheVerdictItDeserves()).hasSize(140 + 192);
    assertThat(everyImageGetsTheVerdictItDeserves()).hasSize(24);
  }

  private interface Verifying {
    Verification run() throws IOException;
  }

  private static void judge(String name, Fields one, Verifying verifying) throws IOException {
    String found;
    try {
      found = verifying.run().failure().map(failure -> failure.code().name()).orElse("accept");
    } catch (BullaException e) {
      found = e.code().name();
    }
    String why = one.optionalString("why").orElse("");
    if (one.string("expect").equals("accept")) {
      assertThat(found).as(why).isEqualTo("accept");
    } else {
      assertThat(found).as(why).isEqualTo(REASONS.get(name));
    }
  }

  private static Verification verifyBlob(Path home, Fields one, Fields check) throws IOException {
    byte[] bundle = Files.readAllBytes(home.resolve(one.string("bundle")));
    TrustedRoot root = root(home, one.string("trusted_root"));
    CosignTrust trust =
        one.has("key")
            ? key(home, one.string("key")).withTrustedRoot(root)
            : identity(
                TextPattern.exactly(one.optionalString("certificate_identity").orElse("nobody")),
                one.optionalString("certificate_oidc_issuer").orElse("nowhere"),
                root);
    return check.string("input").equals("path")
        ? new VerifyBlob().verify(home.resolve(one.string("artifact")), bundle, trust)
        : new VerifyBlob().verify(Digest.parse(one.string("digest")), bundle, trust);
  }

  private static Verification verifyImage(Path home, Fields one) throws IOException {
    Map<String, String> flags = new HashMap<>();
    List<String> arguments = one.strings("args");
    for (int at = 1; at + 1 < arguments.size(); at += 2) {
      flags.put(arguments.get(at), arguments.get(at + 1));
    }
    TrustedRoot root = root(home, flags.get("--trusted-root"));
    CosignTrust trust =
        flags.containsKey("--key")
            ? key(home, flags.get("--key")).withTrustedRoot(root)
            : identity(
                flags.containsKey("--certificate-identity")
                    ? TextPattern.exactly(flags.get("--certificate-identity"))
                    : TextPattern.matching(flags.get("--certificate-identity-regexp")),
                flags.get("--certificate-oidc-issuer"),
                root);
    if (flags.containsKey("-a")) {
      String[] pair = flags.get("-a").split("=", 2);
      trust = trust.withAnnotations(Map.of(pair[0], pair[1]));
    }
    try (Repository layout = Layout.open(home.resolve("oci").resolve(one.string("layout")))) {
      Descriptor subject = layout.resolve(one.string("digest")).orElseThrow();
      return arguments.getFirst().equals("verify")
          ? new VerifyImage(Workshop.CLOCK).verify(layout, subject, new Trust.ByKey(trust))
          : new VerifyStatements()
              .require(layout, subject, PredicateNames.toUri(flags.get("--type")), trust);
    }
  }

  private static TrustedRoot root(Path home, String file) throws IOException {
    return TrustedRoot.parse(Files.readAllBytes(home.resolve(file)));
  }

  private static CosignTrust key(Path home, String file) {
    return new CosignTrust(KeyFiles.verifier(home.resolve(file)), file);
  }

  private static CosignTrust identity(TextPattern subject, String issuer, TrustedRoot root) {
    return new CosignTrust(
        new SignerIdentity(subject, TextPattern.exactly(issuer)), root, "identity");
  }

  private static List<Fields> cases(String set, String file) throws IOException {
    byte[] json = Files.readAllBytes(directory.resolve(set).resolve(file));
    return Fields.of(Json.parse(json, file), file).objects("cases");
  }
}
