package dev.bulla.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import org.cyclonedx.Version;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The documents are valid by the official rules, the same bytes every time, and lose nothing. */
class DocumentsTest {
  private static final SbomOptions OPTIONS =
      new SbomOptions(Instant.parse("2026-11-21T10:00:00.5Z"), "0.1.0");

  @Test
  void cycloneDxIsValidByTheOfficialSchema() throws Exception {
    for (Inventory inventory : inventories()) {
      byte[] document = CycloneDxJson.write(inventory, OPTIONS);
      assertThat(new JsonParser().validate(document, Version.VERSION_16)).isEmpty();
    }
  }

  @Test
  void spdxIsValidByTheReferenceLibrary() throws Exception {
    for (Inventory inventory : inventories()) {
      assertThat(SpdxOracle.problems(SpdxJson.write(inventory, OPTIONS))).isEmpty();
    }
  }

  @Test
  void theOraclesSeeFaults() throws Exception {
    Inventory inventory = MemoryRepository.ofResource("small-apk.tar").catalogue();
    String cyclone = new String(CycloneDxJson.write(inventory, OPTIONS), StandardCharsets.UTF_8);
    assertThat(
            new JsonParser()
                .validate(utf8(cyclone.replace("\"library\"", "\"libary\"")), Version.VERSION_16))
        .isNotEmpty();
    String spdx = new String(SpdxJson.write(inventory, OPTIONS), StandardCharsets.UTF_8);
    assertThat(
            SpdxOracle.problems(
                utf8(spdx.replace("\"filesAnalyzed\":false", "\"filesAnalyzed\":true"))))
        .isNotEmpty();
  }

  @Test
  void cycloneDxComesBackWithoutLoss() throws Exception {
    for (Inventory inventory : inventories()) {
      byte[] document = CycloneDxJson.write(inventory, OPTIONS);
      Inventory again = CycloneDxReader.read(document);
      assertThat(again).isEqualTo(inventory);
      assertThat(CycloneDxJson.write(again, OPTIONS)).isEqualTo(document);
    }
  }

  @Test
  void documentsAreTheSameBytesEveryTime() throws Exception {
    TimeZone before = TimeZone.getDefault();
    byte[] cyclone =
        CycloneDxJson.write(MemoryRepository.ofResource("small.tar").catalogue(), OPTIONS);
    byte[] spdx = SpdxJson.write(MemoryRepository.ofResource("small.tar").catalogue(), OPTIONS);
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
      for (int i = 0; i < 3; i++) {
        Inventory again = MemoryRepository.ofResource("small.tar").catalogue();
        assertThat(CycloneDxJson.write(again, OPTIONS)).isEqualTo(cyclone);
        assertThat(SpdxJson.write(again, OPTIONS)).isEqualTo(spdx);
      }
    } finally {
      TimeZone.setDefault(before);
    }
  }

  @Test
  void theSerialNumberFollowsFromTheContent() throws Exception {
    Inventory inventory = MemoryRepository.ofResource("small-apk.tar").catalogue();
    String one = serial(CycloneDxJson.write(inventory, OPTIONS));
    assertThat(serial(CycloneDxJson.write(inventory, OPTIONS))).isEqualTo(one);
    assertThat(
            serial(CycloneDxJson.write(inventory, new SbomOptions(OPTIONS.timestamp(), "0.2.0"))))
        .isNotEqualTo(one);
  }

  @Test
  void aComponentNamesItsLayerPathAndNestedArchives() throws Exception {
    JsonNode bom =
        Json.parse(
            CycloneDxJson.write(MemoryRepository.ofResource("small.tar").catalogue(), OPTIONS),
            "bom");
    for (JsonNode component : bom.path("components")) {
      if (component.path("name").asString("").equals("commons-text")) {
        assertThat(component.path("group").stringValue()).isEqualTo("org.apache.commons");
        assertThat(
                component
                    .path("evidence")
                    .path("occurrences")
                    .path(0)
                    .path("location")
                    .stringValue())
            .isEqualTo("/app/portal.jar!BOOT-INF/lib/commons-text-1.9.jar");
        assertThat(component.path("properties").toString())
            .contains("{\"name\":\"bulla:path\",\"value\":\"/app/portal.jar\"}")
            .contains(
                "{\"name\":\"bulla:layer\",\"value\":\"sha256:2de376b214b6e92f518556466d9af7f17f6303a077897d074dc57df6e0b1c7bb\"}")
            .contains(
                "{\"name\":\"bulla:nested\",\"value\":\"BOOT-INF/lib/commons-text-1.9.jar\"}");
        return;
      }
    }
    throw new AssertionError("no commons-text");
  }

  @Test
  void documentsOfOtherToolsAreReadByTheirPurls() {
    String document =
        """
        {"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"type":"container","name":"img","version":"sha256:%s"}},
         "components":[
          {"type":"library","name":"curl","version":"7.88.1-10","purl":"pkg:deb/debian/curl@7.88.1-10?arch=amd64&upstream=curl-src%%407.88.1-9",
           "licenses":[{"license":{"name":"curl"}}],
           "properties":[{"name":"syft:location:0:path","value":"/var/lib/dpkg/status"},{"name":"syft:location:0:layerID","value":"sha256:%s"}]},
          {"type":"library","name":"nodejs","purl":"pkg:rpm/redhat/nodejs@18.1-2.el9?epoch=1&upstream=nodejs-18.1-2.el9.src.rpm"},
          {"type":"library","name":"glibc","purl":"pkg:deb/debian/libc6@2.36-9?arch=amd64","properties":[
            {"name":"aquasecurity:trivy:SrcName","value":"glibc"},{"name":"aquasecurity:trivy:SrcVersion","value":"2.36"},
            {"name":"aquasecurity:trivy:SrcRelease","value":"9"}]},
          {"type":"application","name":"app","components":[{"type":"library","name":"b","group":"@a","purl":"pkg:npm/%%40a/b@1.0.0"}]},
          {"type":"file","name":"/etc/passwd"},
          {"type":"library","name":"bad","purl":"pkg:"},
          {"type":"operating-system","name":"debian","version":"12"}]}
        """
            .formatted("a".repeat(64), "b".repeat(64));
    Inventory inventory = CycloneDxReader.read(document.getBytes(StandardCharsets.UTF_8));
    assertThat(inventory.subject()).contains(Digest.parse("sha256:" + "a".repeat(64)));
    assertThat(inventory.distribution().orElseThrow().id()).isEqualTo("debian");
    assertThat(inventory.warnings()).singleElement().asString().contains("'bad'");
    assertThat(inventory.components())
        .extracting(Component::name)
        .containsExactly("curl", "libc6", "@a/b", "nodejs");
    Component curl = inventory.components().get(0);
    assertThat(curl.sourceName()).contains("curl-src");
    assertThat(curl.sourceVersion()).contains("7.88.1-9");
    assertThat(curl.locations().getFirst().path()).isEqualTo("/var/lib/dpkg/status");
    assertThat(curl.locations().getFirst().layer()).isPresent();
    assertThat(inventory.components().get(1).sourceName()).contains("glibc");
    assertThat(inventory.components().get(1).sourceVersion()).isEmpty();
    assertThat(inventory.components().get(3).version()).isEqualTo("1:18.1-2.el9");
    assertThat(inventory.components().get(3).sourceName()).contains("nodejs");
  }

  @Test
  void whatIsNoCycloneDxIsRefused() {
    assertThatThrownBy(() ->
            CycloneDxReader.read("{\"spdxVersion\":\"SPDX-2.3\"}".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SBOM_INVALID));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String serial(byte[] document) {
    return Json.parse(document, "bom").path("serialNumber").stringValue();
  }

  private static final List<Inventory> INVENTORIES = new ArrayList<>();

  private static List<Inventory> inventories() throws Exception {
    List<Inventory> all = INVENTORIES;
    if (!all.isEmpty()) {
      return all;
    }
    for (String name : new String[] {"small.tar", "small-rpm.tar", "small-apk.tar"}) {
      all.add(MemoryRepository.ofResource(name).catalogue());
    }
    all.add(
        new Inventory(
            Optional.empty(), "empty", Optional.empty(), List.of(), List.of("a: \"b\"\n", "c")));
    all.add(
        new Inventory(
            Optional.of(Digest.parse("sha512:" + "c".repeat(128))),
            "odd",
            Optional.of(new Inventory.Distribution("wolfi", "", Optional.empty(), "Wolfi")),
            List.of(
                new Component(
                    "maven",
                    "no group",
                    "",
                    Optional.empty(),
                    List.of("Apache-2.0 OR MIT", "Some Words", "GPL-2.0-only"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of("pkg:deb/debian/x@1"),
                    List.of(
                        new Location(Optional.empty(), "/a b/ü.jar", List.of("x.jar", "y.jar")),
                        new Location(
                            Optional.of(Digest.parse("sha256:" + "d".repeat(64))),
                            "/z.jar",
                            List.of())),
                    Map.of("SHA-1", "0".repeat(40)),
                    Map.of("method", "file-name", "a", "")),
                new Component(
                    "npm",
                    "@s/n",
                    "1",
                    Optional.of("pkg:npm/%40s/n@1"),
                    List.of("(MIT OR CC0-1.0)"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(new Location(Optional.empty(), "package.json", List.of())),
                    Map.of(),
                    Map.of())),
            List.of()));
    return all;
  }
}
