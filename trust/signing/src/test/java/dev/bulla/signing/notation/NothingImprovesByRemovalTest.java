package dev.bulla.signing.notation;

import static dev.bulla.signing.Workshop.CLOCK;
import static dev.bulla.signing.Workshop.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.keys.LocalSigner;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.trust.BlobTrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A verdict never improves when evidence or an unknown member is removed: whoever can only take
 * away gains nothing. Every member and element of good and bad envelopes is removed, one at a time
 * and several at once, also inside the protected header; and every certificate of the trust stores.
 */
class NothingImprovesByRemovalTest {
  private static final Instant EXPIRES = NOW.plus(Duration.ofDays(1));
  private static final NotaryCertificates CERTIFICATES =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), EXPIRES);
  private static final LocalSigner KEY = CERTIFICATES.signer("EC", 256);
  private static final LocalSigner STRANGER =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), EXPIRES).signer("EC", 256);
  private static final TrustStore.Name CA = new TrustStore.Name("ca", "own");
  private static final TrustStore.Name TSA = new TrustStore.Name("tsa", "own");
  private static final List<X509Certificate> ROOTS = List.of(CERTIFICATES.root());

  @TempDir Path directory;

  @Test
  void whoeverOnlyTakesAwayGainsNothing() throws IOException {
    Path file = Files.writeString(directory.resolve("app.txt"), "hello");
    Random random = new Random(20261121);
    int accepted = 0;
    for (byte[] envelope : envelopes(file)) {
      for (Case setting : settings()) {
        boolean before = accepts(file, envelope, setting, Map.of(CA, ROOTS, TSA, ROOTS));
        accepted += before ? 1 : 0;
        if (before) {
          continue; // cannot improve
        }
        List<String> pieces = pieces(envelope);
        for (String piece : pieces) {
          assertThat(
                  accepts(
                      file,
                      without(envelope, List.of(piece)),
                      setting,
                      Map.of(CA, ROOTS, TSA, ROOTS)))
              .as("%s without %s", setting, piece)
              .isFalse();
        }
        for (int i = 0; i < 10; i++) {
          List<String> some =
              List.of(
                  pieces.get(random.nextInt(pieces.size())),
                  pieces.get(random.nextInt(pieces.size())));
          assertThat(accepts(file, without(envelope, some), setting, Map.of(CA, ROOTS, TSA, ROOTS)))
              .as("%s without %s", setting, some)
              .isFalse();
        }
        for (Map<TrustStore.Name, List<X509Certificate>> stores :
            List.of(
                Map.of(CA, ROOTS),
                Map.of(TSA, ROOTS),
                Map.<TrustStore.Name, List<X509Certificate>>of())) {
          assertThat(accepts(file, envelope, setting, stores))
              .as("%s with the stores %s", setting, stores.keySet())
              .isFalse();
        }
      }
    }
    assertThat(accepted).as("some must be good, or nothing was tried").isBetween(6, 60);
  }

  /** When and by which policy something is judged. */
  private record Case(String level, String stores, int daysLater) {}

  private static List<Case> settings() {
    List<Case> all = new ArrayList<>();
    for (String level : List.of("strict", "permissive", "audit")) {
      all.add(new Case(level, "\"ca:own\"", 0));
      all.add(new Case(level, "\"ca:own\",\"tsa:own\"", 0));
      all.add(new Case(level, "\"ca:own\",\"tsa:own\"", 3));
    }
    return all;
  }

  private static List<byte[]> envelopes(Path file) {
    NotationSigner signer = new NotationSigner(KEY, CLOCK);
    Optional<Duration> hour = Optional.of(Duration.ofHours(1));
    byte[] plain = signer.signBlob(file, NotationSigner.ANY_FILE, Map.of("a", "b"), hour);
    byte[] stamped =
        signer
            .withTimestamp(CERTIFICATES.stamping(NOW), ROOTS, RevocationSource.none())
            .signBlob(file, NotationSigner.ANY_FILE, Map.of(), Optional.empty());
    byte[] late =
        CraftedJws.with(
            stamped,
            root ->
                ((ObjectNode) root.path("header"))
                    .put(
                        Headers.TIMESTAMP,
                        Base64.getEncoder()
                            .encodeToString(
                                CERTIFICATES
                                    .stamping(NOW.plus(Duration.ofDays(2)))
                                    .stamp(
                                        Base64.getUrlDecoder()
                                            .decode(root.path("signature").asString()),
                                        Digest.Algorithm.SHA256))));
    byte[] more =
        CraftedJws.with(
            plain,
            root -> {
              root.put("com.acme.unknown", 1);
              ((ObjectNode) root.path("header")).put("com.acme.unknown", "x");
            });
    byte[] payload =
        TargetArtifact.write(
            BlobDescriptor.hash(file, Set.of(Digest.Algorithm.SHA256))
                .descriptor(Digest.Algorithm.SHA256, NotationSigner.ANY_FILE),
            Map.of());
    ObjectNode critical = CraftedJws.critical(CraftedJws.header(NOW), "com.acme.critical", "1");
    return List.of(
        plain,
        stamped,
        late,
        more,
        CraftedJws.sign(KEY, critical, payload),
        CraftedJws.sign(STRANGER, CraftedJws.header(NOW), payload),
        CraftedJws.with(plain, root -> root.put("signature", "AAAA")));
  }

  private static boolean accepts(
      Path file,
      byte[] envelope,
      Case setting,
      Map<TrustStore.Name, List<X509Certificate>> stores) {
    String policy =
        """
        {"version":"1.0","trustPolicies":[{"name":"all","globalPolicy":true,
          "signatureVerification":{"level":"%s"},"trustStores":[%s],"trustedIdentities":["*"]}]}\
        """
            .formatted(setting.level, setting.stores);
    Verification found =
        new VerifyBlob(InstantSource.fixed(NOW.plus(Duration.ofDays(setting.daysLater))))
            .verify(
                file,
                envelope,
                EnvelopeFormat.JWS,
                new NotationBlobTrust(
                    BlobTrustPolicy.parse(policy.getBytes(StandardCharsets.UTF_8)),
                    TrustStore.of(stores)));
    return found.accepted();
  }

  /** Pointers to all that can be removed; those that begin with {@code !} are protected. */
  private static List<String> pieces(byte[] envelope) {
    ObjectNode root = Json.parseObject(envelope, "envelope");
    List<String> all = new ArrayList<>();
    walk(root, "", all);
    walk(header(root), "!", all);
    return all;
  }

  private static void walk(JsonNode node, String at, List<String> all) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(member -> {
            String here = at + "/" + member.getKey().replace("~", "~0").replace("/", "~1");
            all.add(here);
            walk(member.getValue(), here, all);
          });
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        all.add(at + "/" + i);
        walk(array.get(i), at + "/" + i, all);
      }
    }
  }

  private static ObjectNode header(ObjectNode root) {
    return Json.parseObject(
        Base64.getUrlDecoder().decode(root.path("protected").asString()), "header");
  }

  private static byte[] without(byte[] envelope, List<String> pieces) {
    ObjectNode root = Json.parseObject(envelope, "envelope");
    Predicate<String> inside = piece -> piece.startsWith("!");
    if (pieces.stream().anyMatch(inside)) {
      ObjectNode header = header(root);
      pieces.stream().filter(inside).forEach(piece -> remove(header, piece.substring(1)));
      root.put(
          "protected", Base64.getUrlEncoder().withoutPadding().encodeToString(Json.write(header)));
    }
    pieces.stream().filter(inside.negate()).forEach(piece -> remove(root, piece));
    return Json.write(root);
  }

  private static void remove(ObjectNode root, String pointer) {
    int last = pointer.lastIndexOf('/');
    String name = pointer.substring(last + 1).replace("~1", "/").replace("~0", "~");
    JsonNode parent = root.at(pointer.substring(0, last));
    if (parent instanceof ObjectNode object) {
      object.remove(name);
    } else if (parent instanceof ArrayNode array && Integer.parseInt(name) < array.size()) {
      array.remove(Integer.parseInt(name));
    }
  }
}
