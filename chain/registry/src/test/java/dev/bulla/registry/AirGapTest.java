package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.TrialRegion.sign;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.PassReport;
import dev.bulla.registry.replication.ReceiptFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** A copy that is brought by files, where there is no network. */
class AirGapTest extends TwoRegions {
  @Test
  void aFileBringsTheSameAndAnOlderOneIsRefused() throws Exception {
    west.bind("team/*", "alice");
    ObjectNode signed = home.image(APP, 1);
    ObjectNode unsigned = home.image(APP, 2);
    home.putManifest(APP, "signed", signed);
    home.putManifest(APP, "unsigned", unsigned);
    sign(home, APP, signed, "alice");
    Path old = homes.resolve("old.tar");
    Path fresh = homes.resolve("fresh.tar");
    east.airGap.export(new Glob("team/*"), old, Progress.UNHEARD);
    sign(home, APP, unsigned, "alice");
    east.airGap.export(new Glob("team/*"), fresh, Progress.UNHEARD);

    assertThat(imported(old).complete()).isTrue();
    assertThat(get("signed").statusCode()).isEqualTo(200);
    assertThat(get("unsigned").statusCode()).isEqualTo(403);
    assertThat(imported(old).repositories().getFirst().taken()).as("a second time").isZero();
    assertThat(imported(fresh).complete()).isTrue();
    assertThat(get("unsigned").statusCode()).isEqualTo(200);
    assertThat(imported(old).repositories().getFirst().code()).isEqualTo("replication-rewound");

    byte[] bytes = Files.readAllBytes(fresh);
    String layer = signed.path("layers").path(0).path("digest").asString().substring(7);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("blobs/sha256/" + layer);
    bytes[at + 512 + 10] ^= 1;
    Files.write(fresh, bytes);
    try (TrialRegion north = new TrialRegion("north", homes.resolve("north"))) {
      PassReport report = north.airGap.load(fresh, "", "north", Progress.UNHEARD).getFirst();
      assertThat(report.complete()).isFalse();
      assertThat(report.repositories().getFirst().lacking())
          .anySatisfy(one -> assertThat(one.digest()).isEqualTo(digestOf(signed).toString()));
    }
  }

  @Test
  void receiptsTravelBackByFileAndAForgedOneDoesNotCount() throws Exception {
    west.bind("team/*", "alice");
    ObjectNode signed = home.image(APP, 1);
    ObjectNode unsigned = home.image(APP, 2);
    home.putManifest(APP, "signed", signed);
    home.putManifest(APP, "unsigned", unsigned);
    sign(home, APP, signed, "alice");
    Path content = homes.resolve("team.tar");
    Path receipts = homes.resolve("west.receipts");
    east.airGap.export(new Glob("team/*"), content, Progress.UNHEARD);
    imported(content);
    assertThat(east.regions.describe(APP).path("replicas")).isEmpty();

    ReceiptFile.write(west.replications, new Glob("team/*"), receipts);
    assertThat(ReceiptFile.read(east.regions, receipts).path("receipts").asLong()).isEqualTo(2);
    ReceiptFile.read(east.regions, receipts);
    assertThat(standing(signed).path("verdict").asString()).isEqualTo("admitted");
    assertThat(standing(unsigned).path("reason").asString()).contains("none of alice has signed");
    assertThat(standing(unsigned).path("behind").asLong()).isZero();

    try (TrialRegion mallory = new TrialRegion("west", homes.resolve("mallory"))) {
      mallory.airGap.load(content, "", "west", Progress.UNHEARD);
      ReceiptFile.write(mallory.replications, new Glob("**"), receipts);
      assertThatThrownBy(() -> ReceiptFile.read(east.regions, receipts))
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.REPLICATION_UNTRUSTED));
    }
    assertThat(standing(unsigned).path("verdict").asString()).isEqualTo("refused");
    Files.writeString(receipts, "{\"kind\":\"other\",\"version\":1}\n");
    assertThatThrownBy(() -> ReceiptFile.read(east.regions, receipts))
        .isInstanceOf(BullaException.class);
  }

  private PassReport imported(Path file) {
    return west.airGap.load(file, "", "west", Progress.UNHEARD).getFirst();
  }
}
