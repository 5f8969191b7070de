package dev.bulla.signing.notation;

import static dev.bulla.signing.Workshop.CLOCK;
import static dev.bulla.signing.Workshop.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.EcdsaSignatures;
import dev.bulla.keys.LocalSigner;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.trust.BlobTrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link NothingImprovesByRemovalTest} for COSE: every member and element of an envelope that is
 * refused is removed, also inside the protected header; the verdict stays.
 */
class CoseRemovalTest {
  private static final NotaryCertificates CERTIFICATES =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)));
  private static final LocalSigner KEY = CERTIFICATES.signer("EC", 256);
  private static final LocalSigner STRANGER =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)))
          .signer("EC", 256);

  @TempDir Path directory;

  @Test
  void whoeverOnlyTakesAwayGainsNothing() throws Exception {
    Path file = Files.writeString(directory.resolve("app.txt"), "hello");
    byte[] good = sign(KEY, file);
    Cbor.Tagged envelope = (Cbor.Tagged) Cbor.parse(good);
    assertThat(accepts(file, write(envelope), 0)).isTrue();
    Map<String, Cbor> refused = new LinkedHashMap<>();
    refused.put("stranger", Cbor.parse(sign(STRANGER, file)));
    refused.put("expired", envelope);
    refused.put(
        "another file", Cbor.parse(sign(KEY, Files.writeString(directory.resolve("x"), "x"))));
    refused.put("critical", critical(envelope));
    refused.put("signature", with(envelope, 3, new Cbor.Bytes(new byte[64])));
    refused.forEach((why, one) -> {
      int days = why.equals("expired") ? 3 : 0;
      assertThat(accepts(file, write(one), days)).as(why).isFalse();
      for (Cbor less : withoutOne(one)) {
        assertThat(accepts(file, write(less), days)).as("%s: %s", why, less).isFalse();
      }
    });
    assertThat(withoutOne(envelope)).hasSizeGreaterThan(15);
  }

  private static byte[] sign(LocalSigner key, Path file) {
    return new NotationSigner(key, CLOCK)
        .withCose()
        .signBlob(
            file, NotationSigner.ANY_FILE, Map.of("a", "b"), Optional.of(Duration.ofHours(1)));
  }

  /** Signed anew, with a critical attribute that nobody understands. */
  private static Cbor critical(Cbor.Tagged envelope) {
    List<Cbor> parts = ((Cbor.Items) envelope.value()).values();
    Map<Cbor, Cbor> header =
        new LinkedHashMap<>(
            ((Cbor.Table) Cbor.parse(((Cbor.Bytes) parts.getFirst()).value())).values());
    List<Cbor> listed = new ArrayList<>(((Cbor.Items) header.get(new Cbor.Whole(2))).values());
    listed.add(new Cbor.Text("com.acme.critical"));
    header.put(new Cbor.Whole(2), new Cbor.Items(listed));
    header.put(new Cbor.Text("com.acme.critical"), new Cbor.Whole(1));
    byte[] written = write(new Cbor.Table(header));
    byte[] payload = ((Cbor.Bytes) parts.get(2)).value();
    byte[] signature =
        EcdsaSignatures.toRaw(
            KEY.sign(
                SignatureAlgorithm.ECDSA_P256_SHA256, CoseEnvelope.toBeSigned(written, payload)),
            32);
    return with(
        (Cbor.Tagged) with(envelope, 0, new Cbor.Bytes(written)), 3, new Cbor.Bytes(signature));
  }

  private static Cbor with(Cbor.Tagged envelope, int index, Cbor part) {
    List<Cbor> parts = new ArrayList<>(((Cbor.Items) envelope.value()).values());
    parts.set(index, part);
    return new Cbor.Tagged(envelope.tag(), new Cbor.Items(parts));
  }

  private static boolean accepts(Path file, byte[] envelope, int daysLater) {
    String policy =
        """
        {"version":"1.0","trustPolicies":[{"name":"all","globalPolicy":true,
          "signatureVerification":{"level":"strict"},"trustStores":["ca:own"],\
        "trustedIdentities":["*"]}]}\
        """;
    return new VerifyBlob(InstantSource.fixed(NOW.plus(Duration.ofDays(daysLater))))
        .verify(
            file,
            envelope,
            EnvelopeFormat.COSE,
            new NotationBlobTrust(
                BlobTrustPolicy.parse(policy.getBytes(StandardCharsets.UTF_8)),
                TrustStore.of(
                    Map.of(new TrustStore.Name("ca", "own"), List.of(CERTIFICATES.root())))))
        .accepted();
  }

  /** Everything that {@code value} can become when one thing is taken out of it. */
  private static List<Cbor> withoutOne(Cbor value) {
    List<Cbor> all = new ArrayList<>();
    switch (value) {
      case Cbor.Tagged(long tag, Cbor inner) -> {
        all.add(inner);
        withoutOne(inner).forEach(less -> all.add(new Cbor.Tagged(tag, less)));
      }
      case Cbor.Items(List<Cbor> values) -> {
        for (int i = 0; i < values.size(); i++) {
          List<Cbor> fewer = new ArrayList<>(values);
          Cbor one = fewer.remove(i);
          all.add(new Cbor.Items(fewer));
          for (Cbor less : withoutOne(one)) {
            List<Cbor> changed = new ArrayList<>(values);
            changed.set(i, less);
            all.add(new Cbor.Items(changed));
          }
        }
      }
      case Cbor.Table(Map<Cbor, Cbor> values) ->
          values.forEach((key, one) -> {
            Map<Cbor, Cbor> fewer = new LinkedHashMap<>(values);
            fewer.remove(key);
            all.add(new Cbor.Table(fewer));
            for (Cbor less : withoutOne(one)) {
              Map<Cbor, Cbor> changed = new LinkedHashMap<>(values);
              changed.put(key, less);
              all.add(new Cbor.Table(changed));
            }
          });
      case Cbor.Bytes(byte[] bytes) -> {
        all.add(new Cbor.Bytes(new byte[0]));
        protectedHeader(bytes).stream()
            .flatMap(header -> withoutOne(header).stream())
            .forEach(less -> all.add(new Cbor.Bytes(write(less))));
      }
      case Cbor.Whole ignored -> {}
      case Cbor.Text ignored -> {}
      case Cbor.Simple ignored -> {}
    }
    return all;
  }

  /** What the bytes are if they are a map in CBOR; a signature may begin like one. */
  private static Optional<Cbor> protectedHeader(byte[] bytes) {
    if (bytes.length == 0 || (bytes[0] & 0xe0) != 0xa0) {
      return Optional.empty();
    }
    try {
      return Optional.of(Cbor.parse(bytes));
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  private static byte[] write(Cbor value) {
    CborWriter out = new CborWriter();
    write(value, out);
    return out.bytes();
  }

  private static void write(Cbor value, CborWriter out) {
    switch (value) {
      case Cbor.Tagged(long tag, Cbor inner) -> write(inner, out.tag((int) tag));
      case Cbor.Items(List<Cbor> values) -> {
        out.items(values.size());
        values.forEach(one -> write(one, out));
      }
      case Cbor.Table(Map<Cbor, Cbor> values) -> {
        out.table(values.size());
        values.forEach((key, one) -> {
          write(key, out);
          write(one, out);
        });
      }
      case Cbor.Bytes(byte[] bytes) -> out.string(bytes);
      case Cbor.Whole(long number) -> out.whole(number);
      case Cbor.Text(String text) -> out.text(text);
      case Cbor.Simple simple -> throw new IllegalStateException("not in these envelopes");
    }
  }
}
