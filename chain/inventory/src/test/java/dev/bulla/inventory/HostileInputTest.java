package dev.bulla.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** Bad content yields a warning that names what and where, and never hides a neighbour. */
class HostileInputTest {
  private static final byte[] GOOD = JarBytes.maven("org.apache.commons", "commons-text", "1.9");

  @Test
  void aJarBehindAStartScriptIsRead() {
    byte[] script =
        "#!/bin/sh\nexec java -jar \"$0\"\nPK\005\006 not the end\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] inner = JarBytes.maven("g", "inner", "2");
    byte[] jar = new JarBytes().pom("g", "outer", "1").stored("lib/inner-2.jar", inner).bytes();
    Inventory inventory = image("outer.jar", joined(script, jar));
    assertThat(names(inventory))
        .containsExactly("g:inner", "g:outer", "org.apache.commons:commons-text");
    assertThat(inventory.warnings()).isEmpty();
  }

  @Test
  void overlappingEntriesAreReported() {
    byte[] jar = new JarBytes().pom("g", "a", "1").entry("x.txt", "hello").bytes();
    // the second directory entry points to the local header of the first
    int directory = indexOf(jar, new byte[] {'P', 'K', 1, 2}, 0);
    int second = indexOf(jar, new byte[] {'P', 'K', 1, 2}, directory + 4);
    System.arraycopy(jar, directory + 42, jar, second + 42, 4);
    Inventory inventory = image("a.jar", jar);
    assertThat(names(inventory)).contains("g:a", "org.apache.commons:commons-text");
    assertThat(inventory.warnings())
        .singleElement()
        .asString()
        .contains("/app/a.jar")
        .contains("overlap");
  }

  @Test
  void aBombInsideAJarIsNotInflated() {
    byte[] bomb = zeros(300 * 1024 * 1024);
    byte[] jar = new JarBytes().pom("g", "a", "1").stored("lib/bomb.txt", bomb).bytes();
    byte[] named = replace(jar, "lib/bomb.txt", "lib/bomb.jar");
    // the entry is turned into a deflated one that claims 100 bytes
    int local = indexOf(named, "lib/bomb.jar".getBytes(StandardCharsets.US_ASCII), 0) - 30;
    int central =
        indexOf(named, "lib/bomb.jar".getBytes(StandardCharsets.US_ASCII), local + 40) - 46;
    named[local + 8] = 8;
    named[central + 10] = 8;
    Arrays.fill(named, central + 24, central + 28, (byte) 0);
    named[central + 24] = 100;
    Inventory inventory = image("a.jar", named);
    assertThat(names(inventory)).contains("g:a", "org.apache.commons:commons-text");
    assertThat(inventory.warnings())
        .singleElement()
        .asString()
        .contains("/app/a.jar")
        .contains("expands to more than");
  }

  @Test
  void archivesNestedTooDeepAreNamed() {
    byte[] jar = JarBytes.maven("g", "deepest", "1");
    for (int i = 0; i < 12; i++) {
      jar = new JarBytes().pom("g", "level" + i, "1").stored("lib/level" + i + ".jar", jar).bytes();
    }
    Inventory inventory = image("level11.jar", jar);
    assertThat(names(inventory)).contains("g:level11", "g:level4").doesNotContain("g:deepest");
    assertThat(inventory.warnings()).singleElement().asString().contains("nested more than 8 deep");
  }

  @Test
  void aTruncatedJarIsNamedWithItsNestedPath() {
    byte[] cut = Arrays.copyOf(GOOD, GOOD.length - 30);
    byte[] jar = new JarBytes().pom("g", "a", "1").stored("BOOT-INF/lib/cut.jar", cut).bytes();
    Inventory inventory = image("a.jar", jar);
    assertThat(names(inventory)).contains("g:a", "org.apache.commons:commons-text");
    assertThat(inventory.warnings())
        .singleElement()
        .asString()
        .contains("/app/a.jar")
        .contains("BOOT-INF/lib/cut.jar")
        .contains("no end record");
  }

  @Test
  void malformedDatabasesKeepTheirGoodEntries() {
    Inventory dpkg =
        files(
            "var/lib/dpkg/status",
            "Package: a\nVersion: 1\nArchitecture: all\n\nVersion: 2\n\nPackage: c\nVersion: 3");
    assertThat(names(dpkg)).contains("a", "c");
    assertThat(dpkg.warnings())
        .singleElement()
        .asString()
        .contains("/var/lib/dpkg/status")
        .contains("line 5");
    Inventory apk =
        files("lib/apk/db/installed", "P:a\nV:1-r0\nA:x86_64\n\ngarbage\nP:b\n\nP:c\nV:3-r0\n");
    assertThat(names(apk)).contains("a", "c").doesNotContain("b");
    assertThat(apk.warnings())
        .hasSize(2)
        .allMatch(warning -> warning.contains("/lib/apk/db/installed"));
    Inventory rpm = files("var/lib/rpm/rpmdb.sqlite", "SQLite format 3\0" + "x".repeat(5000));
    assertThat(names(rpm)).containsExactly("org.apache.commons:commons-text");
    assertThat(rpm.warnings())
        .singleElement()
        .asString()
        .contains("rpmdb.sqlite")
        .contains("sqlite");
    Inventory npm = files("app/node_modules/x/package.json", "{\"name\": \"x\", ");
    assertThat(npm.warnings())
        .singleElement()
        .asString()
        .contains("/app/node_modules/x/package.json");
    Inventory python = files("opt/x.dist-info/METADATA", "Metadata-Version: 2.1\n\n");
    assertThat(python.warnings()).singleElement().asString().contains("without Name or Version");
  }

  @Test
  void anRpmDatabaseThatIsNotReadIsNeverSilent() {
    assertThat(files("var/lib/rpm/Packages", "x").warnings())
        .singleElement()
        .asString()
        .contains("packages are missing");
    assertThat(files("usr/lib/sysimage/rpm/Packages.db", "x").warnings()).hasSize(1);
    assertThat(files("var/lib/rpm/rpmdb.sqlite-wal", "frames").warnings()).hasSize(1);
    assertThat(files("var/lib/rpm/rpmdb.sqlite-wal", "").warnings()).isEmpty();
  }

  @Test
  void warningsAboutHiddenFilesAreNotReported() {
    byte[] base =
        new TarBytes().file("app/a.jar", "no jar at all, but more than twenty-two bytes").bytes();
    byte[] upper = new TarBytes().file("app/.wh.a.jar", "").bytes();
    assertThat(MemoryRepository.ofLayers(base).catalogue().warnings()).hasSize(1);
    assertThat(MemoryRepository.ofLayers(base, upper).catalogue().warnings()).isEmpty();
  }

  @Test
  void aPackageJsonInATestFolderIsNotInstalled() {
    Inventory inventory =
        MemoryRepository.ofLayers(
                new TarBytes()
                    .file(
                        "app/node_modules/x/package.json",
                        "{\"name\":\"x\",\"version\":\"1.0.0\",\"version\":\"1.0.1\"}")
                    .file(
                        "app/node_modules/x/test/package.json",
                        "{\"name\":\"fixture\",\"version\":\"9.9.9\"}")
                    .file("app/package.json", "{\"name\":\"root\",\"version\":\"1.2.3\"}")
                    .file(
                        "other/package.json", "{\"name\":\"not-installed\",\"version\":\"1.0.0\"}")
                    .bytes())
            .catalogue();
    assertThat(names(inventory)).containsExactlyInAnyOrder("x", "root");
    assertThat(inventory.components())
        .anyMatch(c -> c.name().equals("x") && c.version().equals("1.0.1"));
  }

  private static Inventory image(String jarName, byte[] jar) {
    return MemoryRepository.ofLayers(
            new TarBytes()
                .file("app/" + jarName, jar)
                .file("app/good/commons-text-1.9.jar", GOOD)
                .bytes())
        .catalogue();
  }

  private static Inventory files(String path, String content) {
    return MemoryRepository.ofLayers(
            new TarBytes()
                .file(path, content.getBytes(StandardCharsets.ISO_8859_1))
                .file("app/commons-text-1.9.jar", GOOD)
                .bytes())
        .catalogue();
  }

  private static List<String> names(Inventory inventory) {
    return inventory.components().stream().map(Component::name).toList();
  }

  /** A raw deflate stream of that many zero bytes. */
  private static byte[] zeros(int count) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    byte[] block = new byte[1024 * 1024];
    byte[] part = new byte[64 * 1024];
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int done = 0; done < count; done += block.length) {
      deflater.setInput(block);
      while (!deflater.needsInput()) {
        out.write(part, 0, deflater.deflate(part));
      }
    }
    deflater.finish();
    while (!deflater.finished()) {
      out.write(part, 0, deflater.deflate(part));
    }
    deflater.end();
    return out.toByteArray();
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  private static byte[] replace(byte[] data, String from, String to) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int indexOf(byte[] data, byte[] wanted, int from) {
    for (int i = from; i <= data.length - wanted.length; i++) {
      if (Arrays.equals(data, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }
}
