package dev.bulla.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryTest {
  @TempDir private Path folder;

  @Test
  void aDirectoryIsListedWithRelativePaths() throws IOException {
    Path jar = folder.resolve("root/app/lib/a-1.jar");
    Files.createDirectories(jar.getParent());
    Files.write(jar, JarBytes.maven("g", "a", "1"));
    Path outside = folder.resolve("outside.jar");
    Files.write(outside, JarBytes.maven("g", "outside", "1"));
    Files.createSymbolicLink(folder.resolve("root/link.jar"), outside);
    Inventory inventory = CatalogueDirectory.catalogue(folder.resolve("root"));
    assertThat(inventory.subject()).isEmpty();
    assertThat(inventory.name()).isEqualTo("root");
    assertThat(inventory.components())
        .singleElement()
        .satisfies(one -> {
          assertThat(one.purl()).contains("pkg:maven/g/a@1");
          assertThat(one.locations())
              .containsExactly(
                  new Location(java.util.Optional.empty(), "app/lib/a-1.jar", java.util.List.of()));
        });
  }

  @Test
  void aSingleFileIsListed() throws IOException {
    Path jar = folder.resolve("a-1.jar");
    Files.write(jar, JarBytes.maven("g", "a", "1"));
    assertThat(CatalogueDirectory.catalogue(jar).components()).hasSize(1);
  }

  @Test
  void aLargeFileIsReadInPlace() throws IOException {
    Path jar = folder.resolve("big.jar");
    byte[] filler = new byte[Workspace.MAX_BUFFER + 1];
    Files.write(jar, new JarBytes().pom("g", "big", "1").stored("filler", filler).bytes());
    assertThat(CatalogueDirectory.catalogue(jar).components())
        .extracting(Component::name)
        .containsExactly("g:big");
    byte[] layer =
        new TarBytes()
            .file("big.jar", Files.readAllBytes(jar))
            .file("a.jar", JarBytes.maven("g", "a", "1"))
            .bytes();
    Inventory image = MemoryRepository.ofLayers(layer).catalogue();
    assertThat(image.components()).extracting(Component::name).containsExactly("g:a", "g:big");
    assertThat(image.warnings()).isEmpty();
  }

  @Test
  void aMissingPathIsNamed() {
    assertThatThrownBy(() -> CatalogueDirectory.catalogue(folder.resolve("absent")))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND))
        .hasMessageContaining("absent");
  }
}
