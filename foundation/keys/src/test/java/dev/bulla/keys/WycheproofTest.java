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

/**
 * Project Wycheproof's vectors: what attackers have tried on other verifiers is not accepted by
 * ours.
 */
class WycheproofTest {
  private static final HexFormat HEX = HexFormat.of();

  /**
   * The algorithm that each file is about; RSA with another hash than SHA-256 is not supported and
   * not in the set.
   */
  private static final Map<String, SignatureAlgorithm> ALGORITHMS =
      Map.ofEntries(
          Map.entry("ecdsa_secp256r1_sha256_test", SignatureAlgorithm.ECDSA_P256_SHA256),
          Map.entry("ecdsa_secp384r1_sha384_test", SignatureAlgorithm.ECDSA_P384_SHA384),
          Map.entry("ecdsa_secp521r1_sha512_test", SignatureAlgorithm.ECDSA_P521_SHA512),
          Map.entry("ecdsa_secp256r1_sha256_p1363_test", SignatureAlgorithm.ECDSA_P256_SHA256),
          Map.entry("ecdsa_secp384r1_sha384_p1363_test", SignatureAlgorithm.ECDSA_P384_SHA384),
          Map.entry("ecdsa_secp521r1_sha512_p1363_test", SignatureAlgorithm.ECDSA_P521_SHA512),
          Map.entry("ed25519_test", SignatureAlgorithm.ED25519),
          Map.entry("rsa_pss_2048_sha256_mgf1_32_test", SignatureAlgorithm.RSA_PSS_SHA256),
          Map.entry("rsa_pss_3072_sha256_mgf1_32_test", SignatureAlgorithm.RSA_PSS_SHA256),
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

  @Test
  void theSetIsComplete() throws IOException {
    assertThat(files().keySet()).containsExactlyInAnyOrderElementsOf(ALGORITHMS.keySet());
  }

  private static void judge(String name, Fields file) {
    SignatureAlgorithm algorithm = ALGORITHMS.get(name);
    List<String> wrong = new ArrayList<>();
    int judged = 0;
    for (Fields group : file.objects("testGroups")) {
      PublicKeyVerifier key =
          PublicKeyVerifier.of(HEX.parseHex(group.string("publicKeyDer")), name);
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
   * hash identifier lacks its parameters, are refused on purpose: one spelling each.
   */
  private static boolean isRight(Fields one, boolean accepted) {
    return accepted == one.string("result").equals("valid");
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
