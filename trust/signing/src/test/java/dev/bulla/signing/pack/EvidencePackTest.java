package dev.bulla.signing.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.Repository;
import dev.bulla.signing.SignImage;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.Workshop;
import dev.bulla.signing.notation.NotaryCertificates;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidencePackTest {
  @TempDir static Path temp;
  private static SigningIdentity ours;
  private static Descriptor image;
  private static Path pack;

  @BeforeAll
  static void write() {
    ours = Workshop.identity(temp, "ours");
    try (Repository layout = Workshop.layout(temp)) {
      image = Workshop.image(layout, "v1");
      new SignImage(ours.signer(), Workshop.CLOCK).sign(layout, image, Map.of());
      pack = temp.resolve("a.tar");
      pack(layout, pack);
      pack(layout, temp.resolve("again.tar"));
    }
  }

  private static void pack(Repository layout, Path file) {
    WritePack write = new WritePack(layout, image, Optional.of("registry.example/app:v1"));
    write.file("trust/key-0/a.pub", "a key".getBytes(StandardCharsets.US_ASCII));
    write.fileOption("--key", "trust/key-0/a.pub");
    write.option("--type", "custom");
    write.write(file, Workshop.NOW, false, true);
  }

  @Test
  void anAuthorityProvesWhenThePackExistedAndNobodyElseDoes() throws Exception {
    Instant from = Workshop.NOW.minus(Duration.ofDays(1));
    NotaryCertificates authority = new NotaryCertificates(from, from.plus(Duration.ofDays(2)));
    Path stamped = temp.resolve("stamped.tar");
    try (EvidencePack opened = EvidencePack.open(pack)) {
      WritePack write = new WritePack(opened.repository(), image, Optional.empty());
      write.stampedBy(authority.stamping(Workshop.NOW));
      write.write(stamped, Workshop.NOW, false, false);
      assertThat(opened.proven(List.of(authority.root()), Optional.empty())).isEmpty();
    }

    try (EvidencePack opened = EvidencePack.open(stamped)) {
      assertThat(opened.stamped()).contains(Workshop.NOW);
      assertThat(opened.proven(List.of(authority.root()), Optional.empty()).orElseThrow().latest())
          .isEqualTo(Workshop.NOW);
      NotaryCertificates other = new NotaryCertificates(from, from.plus(Duration.ofDays(2)));
      assertThatThrownBy(() -> opened.proven(List.of(other.root()), Optional.empty()))
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SIGNER_NOT_TRUSTED));
    }
    Path other = temp.resolve("stamp-of-another.tar");
    try (EvidencePack opened = EvidencePack.open(pack)) {
      WritePack write = new WritePack(opened.repository(), image, Optional.empty());
      write.stampedBy(
          (bytes, hash) -> authority.stamping(Workshop.NOW).stamp(new byte[] {1}, hash));
      write.write(other, Workshop.NOW, false, false);
    }
    assertThatThrownBy(() -> EvidencePack.open(other))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.EVIDENCE_PACK_INVALID))
        .hasMessageContaining("no stamp over it");
  }

  @Test
  void whatWasPackedIsThereAndVerifies() throws Exception {
    try (EvidencePack opened = EvidencePack.open(pack)) {
      assertThat(opened.manifest().image()).isEqualTo(image);
      assertThat(opened.manifest().created()).isEqualTo(Workshop.NOW);
      assertThat(opened.manifest().recursive()).isTrue();
      assertThat(opened.manifest().trust())
          .containsExactly(
              new PackManifest.TrustOption("--key", "trust/key-0/a.pub", true),
              new PackManifest.TrustOption("--type", "custom", false));
      Trust trust = new Trust.ByKey(Workshop.key(ours));
      assertThat(
              new VerifyImage(Workshop.CLOCK).verify(opened.repository(), image, trust).accepted())
          .isTrue();
      assertThat(
              opened
                  .repository()
                  .hasBlob(opened.repository().manifest(image).config().orElseThrow()))
          .as("configs and layers stay outside unless wanted")
          .isFalse();
      Path unpacked = Files.createDirectory(temp.resolve("unpacked"));
      opened.extractTrust(unpacked);
      assertThat(unpacked.resolve("trust/key-0/a.pub")).hasContent("a key");
    }
    assertThat(pack).hasSameBinaryContentAs(temp.resolve("again.tar"));
  }

  @Test
  void noByteCanBeChangedUnnoticed() throws Exception {
    byte[] bytes = Files.readAllBytes(pack);
    Path changed = temp.resolve("changed.tar");
    int accepted = 0;
    for (int at = 0; at < bytes.length; at += 173) {
      byte[] copy = bytes.clone();
      copy[at] ^= 0x21;
      Files.write(changed, copy);
      try (EvidencePack opened = EvidencePack.open(changed)) {
        boolean padding = bytes[at] == 0 || at % 512 == 155; // 155: what ends a tar check sum
        assertThat(padding).as("the byte %d, which is no padding", at).isTrue();
        accepted++;
      } catch (BullaException e) {
        assertThat(e.reason()).isNotEmpty();
      }
    }
    assertThat(accepted).isPositive();
  }

  @Test
  void aFileThatIsNoArchiveIsNoPack() throws Exception {
    Path file = Files.writeString(temp.resolve("none.tar"), "hello");

    assertThatThrownBy(() -> EvidencePack.open(file))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.EVIDENCE_PACK_INVALID));
  }

  @ParameterizedTest
  @ValueSource(strings = {"trust/more.pub", "blobs/sha256/00", "../escape", "/absolute"})
  void whatIsNotListedIsRefused(String name) throws Exception {
    byte[] bytes = Files.readAllBytes(pack);
    ByteArrayOutputStream more = new ByteArrayOutputStream();
    more.write(member(name, "x"));
    more.write(bytes);
    Path file = Files.write(temp.resolve("more.tar"), more.toByteArray());

    assertThatThrownBy(() -> EvidencePack.open(file))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isIn(ErrorCode.EVIDENCE_PACK_INVALID, ErrorCode.PATH_ESCAPE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"kind\":\"bulla-evidence-pack\",\"formatVersion\":2}",
        "{\"kind\":\"bulla-evidence-pack\",\"formatVersion\":1,\"more\":1}",
        "{\"kind\":\"bulla-evidence-pack\",\"formatVersion\":1,\"created\":\"now\",\"image\":{}}",
        "not json",
      })
  void manifestOfAnotherKindOrVersionIsRefused(String json) throws Exception {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    tar.write(member(PackManifest.NAME, json));
    String sum = Digest.sha256(json.getBytes(StandardCharsets.UTF_8)).hex() + "\n";
    tar.write(member(PackManifest.SUM, sum));
    Path file = Files.write(temp.resolve("other.tar"), tar.toByteArray());

    assertThatThrownBy(() -> EvidencePack.open(file)).isInstanceOf(BullaException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"trust/../../x", "/trust/x", "key", "trust/", "trust/../trust"})
  void namesCannotLeaveTheDirectory(String name) {
    assertThatThrownBy(() -> EvidencePack.within(temp, name))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PATH_ESCAPE));
  }

  /** A ustar member. */
  static byte[] member(String name, String content) {
    byte[] data = content.getBytes(StandardCharsets.UTF_8);
    byte[] block = new byte[512 + (data.length + 511) / 512 * 512];
    put(block, 0, name);
    put(block, 100, "0000644");
    put(block, 124, "%011o".formatted(data.length));
    put(block, 136, "00000000000");
    block[156] = '0';
    put(block, 257, "ustar");
    put(block, 263, "00");
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += block[i] & 0xff;
    }
    put(block, 148, "%06o".formatted(sum));
    System.arraycopy(data, 0, block, 512, data.length);
    return block;
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }
}
