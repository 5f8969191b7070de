package dev.bulla.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.packageurl.PackageURL;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The fixture images hold exactly the packages that their makers' own records name. The truth files
 * come from dpkg-query, Maven, node_modules, dist-info, the Go command and rpm; see the fixtures'
 * makers, never from a scanner.
 */
class TruthTest {
  @Test
  void debianImageHoldsExactlyItsPackages() throws Exception {
    Inventory inventory = MemoryRepository.ofResource("small.tar").catalogue();
    JsonNode truth = truth("small.truth.json");
    for (String type : new String[] {"deb", "maven", "npm", "pypi", "golang", "cargo"}) {
      Set<String> expected = new TreeSet<>();
      for (JsonNode one : truth.path(type)) {
        if (one.has("purl") && one.path("status").asString("installed").equals("installed")) {
          expected.add(plain(one.path("purl").stringValue()));
        }
      }
      assertThat(purls(inventory, type)).as(type).containsExactlyInAnyOrderElementsOf(expected);
    }
    assertThat(inventory.distribution().orElseThrow().id()).isEqualTo("debian");
    assertThat(inventory.distribution().orElseThrow().versionId()).isEqualTo("12");
    assertThat(inventory.distribution().orElseThrow().codename()).contains("bookworm");
    assertThat(inventory.warnings()).isEmpty();
  }

  @Test
  void debianSourcePackagesAreThoseThatDpkgNames() throws Exception {
    Inventory inventory = MemoryRepository.ofResource("small.tar").catalogue();
    for (JsonNode one : truth("small.truth.json").path("deb")) {
      if (one.path("status").stringValue().equals("installed")) {
        Component found = named(inventory, "deb", one.path("name").stringValue());
        assertThat(found.version()).isEqualTo(one.path("version").stringValue());
        assertThat(found.sourceName()).contains(one.path("source").stringValue());
        assertThat(found.sourceVersion().orElse(found.version()))
            .isEqualTo(one.path("sourceVersion").stringValue());
        assertThat(found.properties()).containsEntry("arch", one.path("arch").stringValue());
      }
    }
  }

  @Test
  void languagePackagesOfADistributionPackageNameTheirOwner() throws Exception {
    Inventory inventory = MemoryRepository.ofResource("small.tar").catalogue();
    for (JsonNode one : truth("small.truth.json").path("pypi")) {
      String place = one.path("path").stringValue();
      Component found =
          inventory.components().stream()
              .filter(c -> c.type().equals("pypi"))
              .filter(c -> c.locations().stream().anyMatch(l -> l.path().startsWith(place)))
              .findFirst()
              .orElseThrow();
      if (one.path("owner").isNull()) {
        assertThat(found.ownedBy()).as(place).isEmpty();
      } else {
        assertThat(found.ownedBy().orElseThrow())
            .as(place)
            .startsWith("pkg:deb/debian/" + one.path("owner").stringValue() + "@");
      }
    }
  }

  @Test
  void javaArchivesAreFoundWhereTheMakersPutThem() throws Exception {
    Inventory inventory = MemoryRepository.ofResource("small.tar").catalogue();
    for (JsonNode one : truth("small.truth.json").path("maven")) {
      String place = one.path("path").stringValue().replace("!/", "!");
      String purl = one.path("purl").stringValue();
      Optional<Component> found =
          inventory.components().stream()
              .filter(c -> c.purl().filter(purl::equals).isPresent())
              .filter(c -> c.locations().stream().anyMatch(l -> l.toString().equals(place)))
              .findFirst();
      assertThat(found).as(purl + " at " + place).isPresent();
      if (one.has("sha1")) {
        assertThat(found.orElseThrow().hashes())
            .containsEntry("SHA-1", one.path("sha1").stringValue());
      }
    }
  }

  @Test
  void rpmImageHoldsExactlyItsPackages() throws Exception {
    Inventory inventory = MemoryRepository.ofResource("small-rpm.tar").catalogue();
    Set<String> expected = new TreeSet<>();
    Set<String> found = new TreeSet<>();
    for (JsonNode one : truth("small-rpm.truth.json").path("rpm")) {
      String epoch = one.path("epoch").isNull() ? "" : one.path("epoch").longValue() + ":";
      expected.add(
          String.join(
              " ",
              one.path("name").stringValue(),
              epoch + one.path("version").stringValue(),
              one.path("arch").stringValue(),
              one.path("sourceRpm").stringValue(),
              one.path("module").asString("")));
    }
    for (Component one : inventory.components()) {
      found.add(
          String.join(
              " ",
              one.name(),
              one.version(),
              one.properties().get("arch"),
              one.properties().get("sourceRpm"),
              one.properties().getOrDefault("modularity", "")));
    }
    assertThat(found).isEqualTo(expected);
    assertThat(inventory.distribution().orElseThrow().id()).isEqualTo("almalinux");
    assertThat(named(inventory, "rpm", "python3-libs").sourceName()).contains("python3.9");
    assertThat(named(inventory, "rpm", "python3-libs").sourceVersion()).isEmpty();
    assertThat(named(inventory, "rpm", "nodejs").purl().orElseThrow())
        .startsWith(
            "pkg:rpm/almalinux/nodejs@18.18.2-2.module_el9.3.0%2B69%2B6e2cd6ea?arch=x86_64&distro=almalinux-9.4&epoch=1");
    assertThat(inventory.warnings()).isEmpty();
  }

  @Test
  void alpineImageHoldsExactlyItsPackages() throws Exception {
    Inventory inventory = MemoryRepository.ofResource("small-apk.tar").catalogue();
    Set<String> expected = new TreeSet<>();
    for (JsonNode one : truth("small-apk.truth.json").path("apk")) {
      // the maker wrote one architecture for all; the database has noarch for the virtual package
      expected.add(one.path("purl").stringValue().replace("arch=x86_64&", ""));
      String origin = one.path("origin").stringValue();
      String name = one.path("name").stringValue();
      assertThat(named(inventory, "apk", name).sourceName())
          .contains(origin.isEmpty() ? name : origin);
    }
    Set<String> found = new TreeSet<>();
    for (Component one : inventory.components()) {
      String purl = one.purl().orElseThrow();
      int upstream = purl.indexOf("&upstream=");
      String arch = "arch=" + one.properties().get("arch") + "&";
      found.add((upstream < 0 ? purl : purl.substring(0, upstream)).replace(arch, ""));
    }
    assertThat(found).isEqualTo(expected);
    assertThat(inventory.warnings()).isEmpty();
  }

  private static Component named(Inventory inventory, String type, String name) {
    return inventory.components().stream()
        .filter(c -> c.type().equals(type) && c.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type + " " + name));
  }

  private static Set<String> purls(Inventory inventory, String type) throws Exception {
    Set<String> all = new TreeSet<>();
    for (Component one : inventory.components()) {
      if (one.type().equals(type) && one.purl().isPresent()) {
        all.add(plain(one.purl().get()));
      }
    }
    return all;
  }

  /** Type, namespace, name and version; a main module without version is written in two ways. */
  private static String plain(String purl) throws Exception {
    PackageURL parsed = new PackageURL(purl);
    String version =
        parsed.getVersion() == null || parsed.getVersion().equals("(devel)")
            ? ""
            : parsed.getVersion();
    return parsed.getType() + "/" + parsed.getNamespace() + "/" + parsed.getName() + "@" + version;
  }

  private static JsonNode truth(String name) throws IOException {
    try (InputStream in = TruthTest.class.getResourceAsStream(name)) {
      return Json.parse(in.readAllBytes(), name);
    }
  }
}
