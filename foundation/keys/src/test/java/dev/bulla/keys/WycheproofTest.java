package dev.bulla.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Project Wycheproof's vectors: what attackers have tried on other verifiers is not accepted by
 * ours.
 */
class WycheproofTest {
  private static final HexFormat HEX = HexFormat.of();

  /**
   * The algorithm that each file is about; PKCS#1 with another hash than SHA-256 is not supported
   * and not in the set.
   */
  private static final Map<String, SignatureAlgorithm> ALGORITHMS =
      Map.ofEntries(
          Map.entry("ecdsa_secp256r1_sha256_test", SignatureAlgorithm.ECDSA_P256_SHA256),
          Map.entry("ecdsa_secp384r1_sha256_test", SignatureAlgorithm.ECDSA_P384_SHA256),
          Map.entry("ecdsa_secp384r1_sha384_test", SignatureAlgorithm.ECDSA_P384_SHA384),
          Map.entry("ecdsa_secp521r1_sha512_test", SignatureAlgorithm.ECDSA_P521_SHA512),
          Map.entry("ecdsa_secp256r1_sha256_p1363_test", SignatureAlgorithm.ECDSA_P256_SHA256),
          Map.entry("ecdsa_secp384r1_sha384_p1363_test", SignatureAlgorithm.ECDSA_P384_SHA384),
          Map.entry("ecdsa_secp521r1_sha512_p1363_test", SignatureAlgorithm.ECDSA_P521_SHA512),
          Map.entry("ed25519_test", SignatureAlgorithm.ED25519),
          Map.entry("mldsa_65_verify_test", SignatureAlgorithm.ML_DSA_65),
          Map.entry("rsa_pss_2048_sha256_mgf1_32_test", SignatureAlgorithm.RSA_PSS_SHA256),
          Map.entry("rsa_pss_3072_sha256_mgf1_32_test", SignatureAlgorithm.RSA_PSS_SHA256),
          Map.entry("rsa_pss_2048_sha384_mgf1_48_test", SignatureAlgorithm.RSA_PSS_SHA384),
          Map.entry("rsa_pss_4096_sha384_mgf1_48_test", SignatureAlgorithm.RSA_PSS_SHA384),
          Map.entry("rsa_pss_4096_sha512_mgf1_64_test", SignatureAlgorithm.RSA_PSS_SHA512),
          Map.entry("rsa_signature_2048_sha256_test", SignatureAlgorithm.RSA_PKCS1_SHA256),
          Map.entry("rsa_signature_3072_sha256_test", SignatureAlgorithm.RSA_PKCS1_SHA256));

  /** By the Java code that is always there: Bouncy Castle, and the JDK for RSA-PSS. */
  @TestFactory
  Stream<DynamicTest> everyVectorIsJudgedRightly() throws IOException {
    CryptoProvider.choose(CryptoProvider.Choice.JDK);
    return files().entrySet().stream()
        .map(file ->
            DynamicTest.dynamicTest(file.getKey(), () -> judge(file.getKey(), file.getValue())));
  }

  @TestFactory
  Stream<DynamicTest> theNativeProviderJudgesEveryEcdsaVectorRightly() throws IOException {
    return files().entrySet().stream()
        .filter(file -> file.getKey().startsWith("ecdsa"))
        .map(file ->
            DynamicTest.dynamicTest(
                file.getKey(),
                () -> {
                  CryptoProvider.choose(CryptoProvider.Choice.NATIVE);
                  assumeTrue(CryptoProvider.loadNow(), CryptoProvider.description());
                  judge(file.getKey(), file.getValue());
                }));
  }

  /**
   * The JDK makes our signatures and could check them; it is slow at it, so that one vector of each
   * sort is enough here. It takes more than one spelling of a signature: ours is asked first.
   */
  @TestFactory
  Stream<DynamicTest> theJdkJudgesOneEcdsaVectorOfEachSortRightly() throws IOException {
    return files().entrySet().stream()
        .filter(file -> file.getKey().matches("ecdsa_.*sha\\d+_test|ed25519_test"))
        .map(file ->
            DynamicTest.dynamicTest(
                file.getKey(), () -> judgeByJdk(file.getKey(), file.getValue())));
  }

  @AfterEach
  void leaveNoChoiceBehind() {
    CryptoProvider.choose(CryptoProvider.Choice.AUTOMATIC);
  }

  private static void judgeByJdk(String name, Fields file) throws GeneralSecurityException {
    Set<String> seen = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    for (Fields group : file.objects("testGroups")) {
      PublicKeyVerifier key =
          PublicKeyVerifier.of(HEX.parseHex(group.string("publicKeyDer")), name);
      for (Fields one : group.objects("tests")) {
        if (!seen.add(one.string("result") + one.strings("flags"))) {
          continue;
        }
        Signature engine = JcaSignatures.of(ALGORITHMS.get(name));
        engine.initVerify(key.publicKey());
        engine.update(HEX.parseHex(one.string("msg")));
        byte[] signature = HEX.parseHex(one.string("sig"));
        boolean accepted;
        try {
          accepted =
              (key.type() == KeyType.ED25519
                      || EcdsaSignatures.readDer(signature, key.type().fieldBytes()).isPresent())
                  && engine.verify(signature);
        } catch (SignatureException e) {
          accepted = false;
        }
        if (!isRight(one, accepted)) {
          wrong.add(one.integer("tcId") + " " + one.string("comment"));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).hasSizeGreaterThan(2);
  }

  /**
   * What Ed25519 has signed, rightly or wrongly, is never a signature of Ed25519ph, nor the other
   * way round, nor with S raised by the order of the group. The project has no vectors for it, the
   * one that verifies is of RFC 8032 section 7.3.
   */
  @Test
  void ed25519phIsAnotherAlgorithm() throws IOException {
    for (Fields group : files().get("ed25519_test").objects("testGroups")) {
      PublicKeyVerifier key =
          PublicKeyVerifier.of(HEX.parseHex(group.string("publicKeyDer")), "Ed25519");
      for (Fields one : group.objects("tests")) {
        assertThat(
                key.verify(
                    SignatureAlgorithm.ED25519PH,
                    HEX.parseHex(one.string("msg")),
                    HEX.parseHex(one.string("sig"))))
            .as(one.string("comment"))
            .isFalse();
      }
    }
    PublicKeyVerifier key =
        PublicKeyVerifier.of(
            HEX.parseHex(
                "302a300506032b6570032100"
                    + "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"),
            "RFC 8032");
    byte[] message = {'a', 'b', 'c'};
    String r = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41";
    byte[] signature =
        HEX.parseHex(r + "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406");
    byte[] raised =
        HEX.parseHex(r + "1ecc469f609f3c8d30bdfa7241a7d4bfa10b8c61e636062aaad11c2a26083416");
    assertThat(key.verify(SignatureAlgorithm.ED25519PH, message, signature)).isTrue();
    assertThat(fromHash(key, SignatureAlgorithm.ED25519PH, message, signature)).isTrue();
    assertThat(key.verify(SignatureAlgorithm.ED25519PH, message, raised)).isFalse();
    assertThat(fromHash(key, SignatureAlgorithm.ED25519PH, message, raised)).isFalse();
    assertThat(key.verify(SignatureAlgorithm.ED25519, message, signature)).isFalse();
  }

  /** P-521 with SHA-256 has no vectors there either; these are of RFC 6979 appendix A.2.7. */
  @ParameterizedTest
  @CsvSource({
    "sample, 308187024201511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b3526012659d16876e25c7"
        + "c1e57648f23b73564d67f61c6f14d527d54972810421e7d87589e1a702414a171143a83163d6df460aaf6152"
        + "2695f207a58b95c0644d87e52aa1a347916e4f7a72930b1bc06dbe22ce3f58264afd23704cbb63b29b931f7d"
        + "e6c9d949a7ecfc",
    "test, 30818702410e871c4a14f993c6c7369501900c4bc1e9c7b0b4ba44e04868b30b41d8071042eb28c4c250411d"
        + "0ce08cd197e4188ea4876f279f90b3d8d74a3c76e6f1e4656aa8024200cd52dbaa33b063c3a6cd8058a1fb0a"
        + "46a4754b034fcc644766ca14da8ca5ca9fde00e88c1ad60ccba759025299079d7a427ec3cc5b619bfbc828e7"
        + "769bcd694e86"
  })
  void p521WithSha256(String message, String signature) {
    PublicKeyVerifier key =
        PublicKeyVerifier.of(
            HEX.parseHex(
                "30819b301006072a8648ce3d020106052b81040023038186000401894550d0785932e00eaa23b694f213"
                    + "f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd7"
                    + "61dcac474b9a2f5023a400493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f"
                    + "746a28a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5"),
            "RFC 6979");
    byte[] said = message.getBytes(StandardCharsets.US_ASCII);
    byte[] made = HEX.parseHex(signature);
    for (CryptoProvider.Choice choice :
        List.of(CryptoProvider.Choice.JDK, CryptoProvider.Choice.NATIVE)) {
      CryptoProvider.choose(choice);
      assertThat(key.verify(SignatureAlgorithm.ECDSA_P521_SHA256, said, made)).isTrue();
      assertThat(key.verify(SignatureAlgorithm.ECDSA_P521_SHA512, said, made)).isFalse();
      made[made.length - 1] ^= 1;
      assertThat(key.verify(SignatureAlgorithm.ECDSA_P521_SHA256, said, made)).isFalse();
      made[made.length - 1] ^= 1;
    }
  }

  @Test
  void theSetIsComplete() throws IOException {
    assertThat(files().keySet()).containsExactlyInAnyOrderElementsOf(ALGORITHMS.keySet());
  }

  private static void judge(String name, Fields file) {
    SignatureAlgorithm algorithm = ALGORITHMS.get(name);
    List<String> wrong = new ArrayList<>();
    int judged = 0;
    for (Fields group : file.objects("testGroups")) {
      Optional<PublicKeyVerifier> readable = key(group, name);
      if (readable.isEmpty()) {
        judged += group.objects("tests").size();
        continue;
      }
      PublicKeyVerifier key = readable.get();
      for (Fields one : group.objects("tests")) {
        byte[] message = HEX.parseHex(one.string("msg"));
        Optional<byte[]> signature = signature(name, HEX.parseHex(one.string("sig")), key);
        boolean accepted =
            signature.filter(bytes -> key.verify(algorithm, message, bytes)).isPresent();
        // elsewhere both ways are one
        boolean twoWays = algorithm == SignatureAlgorithm.RSA_PKCS1_SHA256;
        boolean fromHash =
            twoWays
                && signature.filter(bytes -> fromHash(key, algorithm, message, bytes)).isPresent();
        judged++;
        if (!isRight(one, accepted) || twoWays && fromHash != accepted) {
          wrong.add(
              "%d %s: %s, expected %s %s"
                  .formatted(
                      one.integer("tcId"),
                      one.string("comment"),
                      accepted,
                      one.string("result"),
                      one.strings("flags")));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(judged).isEqualTo((int) file.integer("numberOfTests"));
  }

  /**
   * What must verify does, and what must not does not. The acceptable ones, PKCS#1 signatures whose
   * hash identifier lacks its parameters, are refused on purpose: one spelling each. So is what
   * ML-DSA has signed for a context, for here there is none.
   */
  private static boolean isRight(Fields one, boolean accepted) {
    return accepted
        == (one.string("result").equals("valid") && one.optionalString("ctx").orElse("").isEmpty());
  }

  /** The key of a group; empty for those that the vectors themselves call no key. */
  private static Optional<PublicKeyVerifier> key(Fields group, String name) {
    try {
      return Optional.of(PublicKeyVerifier.of(HEX.parseHex(group.string("publicKeyDer")), name));
    } catch (BullaException e) {
      assertThat(group.objects("tests"))
          .as(e.getMessage())
          .allMatch(one -> one.strings("flags").contains("IncorrectPublicKeyLength"));
      return Optional.empty();
    }
  }

  private static Optional<byte[]> signature(String name, byte[] given, PublicKeyVerifier key) {
    try {
      return Optional.of(
          name.contains("p1363") ? EcdsaSignatures.toDer(given, key.type().fieldBytes()) : given);
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  private static boolean fromHash(
      PublicKeyVerifier key, SignatureAlgorithm algorithm, byte[] message, byte[] signature) {
    return key.prehash(algorithm)
        .filter(hash -> key.verifyPrehashed(algorithm, Digest.of(hash, message).bytes(), signature))
        .isPresent();
  }

  private static Map<String, Fields> files() throws IOException {
    Map<String, Fields> files = new TreeMap<>();
    try (InputStream in = WycheproofTest.class.getResourceAsStream("wycheproof.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName().replace(".json", "");
        if (!name.equals("index")) {
          files.put(name, Fields.of(Json.parse(zip.readAllBytes(), name), name));
        }
      }
    }
    return files;
  }
}
