package dev.bulla.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.inventory.Finding.Found;
import dev.bulla.inventory.archive.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an archive is and what it contains. */
class JavaArchivesTest {
  @Test
  void coordinatesThatFitTheFileNameAreTheArchivesOwn() {
    byte[] jar = new JarBytes().pom("g", "util", "3").pom("g", "tool", "1.0").bytes();
    List<Found> found = read("tool-1.0.jar", jar);
    assertThat(found).extracting(Found::name).containsExactly("tool", "util");
    assertThat(found.get(0).properties())
        .containsEntry("method", "pom.properties")
        .doesNotContainKey("embeddedIn");
    assertThat(found.get(1).properties()).containsEntry("embeddedIn", "g:tool@1.0");
    assertThat(found.get(0).hashes()).containsKeys("SHA-1", "SHA-256");
  }

  @Test
  void aRenamedArchiveKeepsItsOnlyCoordinates() {
    Found found = read("app.jar", JarBytes.maven("g", "service", "1.0")).getFirst();
    assertThat(found.name()).isEqualTo("service");
    assertThat(found.named()).isTrue();
  }

  @Test
  void coordinatesOfOthersAreNotTheArchivesOwn() {
    byte[] jar =
        new JarBytes()
            .entry(
                "META-INF/MANIFEST.MF",
                "Manifest-Version: 1.0\r\n"
                    + "Implementation-Title: other\r\n"
                    + "Implementation-Version: 7\r\n\r\n")
            .pom("org.jctools", "jctools-core", "3.1.0")
            .bytes();
    List<Found> found = read("netty-like-4.1.jar", jar);
    assertThat(found).extracting(Found::name).containsExactly("netty-like", "jctools-core");
    assertThat(found.get(0).named()).isFalse();
    assertThat(found.get(0).version()).isEqualTo("4.1");
  }

  @Test
  void aKnownLibraryWithoutCoordinatesGetsItsGroupIfTheClassesBearItOut() {
    byte[] spring = new JarBytes().entry("org/springframework/aop/Advice.class", "x").bytes();
    Found found = read("spring-aop-5.3.15.jar", spring).getFirst();
    assertThat(found.group()).isEqualTo("org.springframework");
    assertThat(found.version()).isEqualTo("5.3.15");
    assertThat(found.named()).isTrue();
    Found impostor =
        read("spring-aop-5.3.15.jar", new JarBytes().entry("evil/X.class", "x").bytes()).getFirst();
    assertThat(impostor.named()).isFalse();
    assertThat(impostor.group()).isEmpty();
  }

  @Test
  void aGroupInTheManifestCountsIfTheClassesBearItOut() {
    String manifest =
        "Manifest-Version: 1.0\n"
            + "Bundle-SymbolicName: org.example.widgets;singleton:=true\n"
            + "Bundle-License: \n"
            + " https://www.apache.org/licenses/LICENSE-2.0.txt\n\n";
    byte[] jar =
        new JarBytes()
            .entry("META-INF/MANIFEST.MF", manifest)
            .entry("org/example/widgets/W.class", "x")
            .bytes();
    Found found = read("widgets-2.0.jar", jar).getFirst();
    assertThat(found.group()).isEqualTo("org.example");
    assertThat(found.licences()).containsExactly("Apache-2.0");
    byte[] other =
        new JarBytes()
            .entry("META-INF/MANIFEST.MF", manifest)
            .entry("com/other/W.class", "x")
            .bytes();
    assertThat(read("widgets-2.0.jar", other).getFirst().named()).isFalse();
  }

  @Test
  void licencesComeFromTheArchivesOwnPom() {
    String pom =
        "<project><!--"
            + " --><licenses><license><name>MIT</name><url>x</url></license><license><url>https://opensource.org/licenses/MIT</url></license><license><name>Own\n"
            + "   Words</name></license></licenses></project>";
    byte[] jar = new JarBytes().pom("g", "a", "1").entry("META-INF/maven/g/a/pom.xml", pom).bytes();
    assertThat(read("a-1.jar", jar).getFirst().licences()).containsExactly("MIT", "Own Words");
  }

  @Test
  void archivesInsideAreReadWhetherStoredOrCompressed() {
    byte[] log4j = JarBytes.maven("org.apache.logging.log4j", "log4j-core", "2.14.1");
    byte[] war =
        new JarBytes()
            .pom("g", "web", "1")
            .entry("WEB-INF/lib/log4j-core-2.14.1.jar", log4j)
            .bytes();
    byte[] ear = new JarBytes().pom("g", "all", "1").stored("web-1.war", war).bytes();
    List<Found> found = read("all-1.ear", ear);
    assertThat(found).extracting(Found::name).containsExactly("all", "web", "log4j-core");
    assertThat(found.get(2).nested())
        .containsExactly("web-1.war", "WEB-INF/lib/log4j-core-2.14.1.jar");
    assertThat(found.get(1).properties()).containsEntry("packaging", "war");
  }

  @Test
  void coordinatesThatContradictTheClassesDoNotHideThem() throws Exception {
    Found snakeyaml = snakeyaml("ledger-tool.jar", "org.yaml", "snakeyaml", "9.9");
    assertThat(snakeyaml.version()).isEqualTo("1.26");
    assertThat(snakeyaml.properties())
        .containsEntry("method", "classes")
        .containsEntry("coverage", "100%");
  }

  /**
   * The fixture's shaded archive with further coordinates in it; the component that the classes
   * tell of.
   */
  private static Found snakeyaml(String name, String group, String artifact, String version)
      throws Exception {
    MemoryRepository image = MemoryRepository.ofResource("small.tar");
    for (var layer : image.manifest(image.image()).layers()) {
      try (var in = dev.bulla.inventory.archive.LayerStream.open(image.blob(layer))) {
        var tar = new dev.bulla.inventory.archive.TarReader(in);
        while (tar.next()) {
          if (tar.pathText().endsWith(name)) {
            byte[] jar = new byte[(int) tar.size()];
            for (int done = 0; done < jar.length; ) {
              done += tar.read(jar, done, jar.length - done);
            }
            return read(name, with(jar, group, artifact, version)).stream()
                .filter(found -> found.properties().get("method").equals("classes"))
                .findFirst()
                .orElseThrow();
          }
        }
      }
    }
    throw new AssertionError("no " + name);
  }

  private static byte[] with(byte[] jar, String group, String artifact, String version)
      throws Exception {
    JarBytes more = new JarBytes().pom(group, artifact, version);
    try (var zip = new java.util.zip.ZipInputStream(new java.io.ByteArrayInputStream(jar))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        more.entry(entry.getName(), zip.readAllBytes());
      }
    }
    return more.bytes();
  }

  @Test
  void aFileNameIsSplitAtItsVersion() {
    assertThat(JavaIdentity.nameOf("log4j-core-2.14.1.jar"))
        .isEqualTo(new JavaIdentity.Name("log4j-core-2.14.1", "log4j-core", "2.14.1"));
    assertThat(JavaIdentity.nameOf("log4j-1.2-api-2.17.1.jar").artifact())
        .isEqualTo("log4j-1.2-api");
    assertThat(JavaIdentity.nameOf("guava-29.0-jre.jar").version()).isEqualTo("29.0-jre");
    assertThat(JavaIdentity.nameOf("org.eclipse.osgi_3.16.0.v2020.jar").artifact())
        .isEqualTo("org.eclipse.osgi");
    assertThat(JavaIdentity.nameOf("app.jar")).isEqualTo(new JavaIdentity.Name("app", "app", ""));
    assertThat(JavaIdentity.nameOf("-1.jar").stem()).isEqualTo("-1");
  }

  private static List<Found> read(String name, byte[] jar) {
    List<String> problems = new ArrayList<>();
    List<Found> found = new JavaArchives().read("app/" + name, Bytes.of(jar), problems::add);
    assertThat(problems).isEmpty();
    return found;
  }
}
