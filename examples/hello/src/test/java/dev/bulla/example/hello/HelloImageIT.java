package dev.bulla.example.hello;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.build.BaseImages;
import dev.bulla.build.BuildImage;
import dev.bulla.build.BuildProgress;
import dev.bulla.build.BuildResult;
import dev.bulla.build.Builder;
import dev.bulla.build.HttpDownloads;
import dev.bulla.build.ResolveInputs;
import dev.bulla.build.Template;
import dev.bulla.build.layer.ArchiveLimits;
import dev.bulla.core.Descriptor;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds the image of this example, unpacks its layers and starts the application from them. */
class HelloImageIT {
  @TempDir Path temp;

  @Test
  void applicationStartsFromTheUnpackedLayers() throws Exception {
    Path root = Files.createDirectory(temp.resolve("root"));
    try (Repository layout = Layout.create(temp.resolve("layout"))) {
      for (Descriptor layer : build(layout, "one").layers()) {
        unpack(layout.blob(layer), root);
      }
    }

    String classPath = root.resolve("app/hello.jar") + ":" + root.resolve("app/lib") + "/*";
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(java, "-cp", classPath, "dev.bulla.example.hello.Hello", "--check")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(answer).contains("\"greeting\":\"Hello from Bulla\"", "\"packages\":10");
  }

  @Test
  void buildingAgainGivesTheSameImage() throws IOException {
    try (Repository layout = Layout.create(temp.resolve("layout"))) {
      BuildResult first = build(layout, "one");
      BuildResult second = build(layout, "two");

      assertThat(second.image()).isEqualTo(first.image());
      assertThat(second.lock()).isEqualTo(first.lock());
      assertThat(second.provenance()).isNotEqualTo(first.provenance());
    }
  }

  private BuildResult build(Repository target, String run) throws IOException {
    Path work = Files.createDirectory(temp.resolve("work-" + run));
    ResolveInputs resolve =
        new ResolveInputs(
            BaseImages.NONE, new HttpDownloads(1), ArchiveLimits.DEFAULT, BuildProgress.NONE);
    BuildImage build =
        new BuildImage(Builder.local("test"), Clock.systemUTC(), () -> run, BuildProgress.NONE);
    return build.build(resolve.resolve(Template.load(Path.of("")), work), target);
  }

  private static void unpack(InputStream blob, Path root) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new GZIPInputStream(blob), StandardCharsets.UTF_8.name())) {
      for (TarArchiveEntry one = tar.getNextEntry(); one != null; one = tar.getNextEntry()) {
        Path path = root.resolve(one.getName()).normalize();
        assertThat(path).startsWithRaw(root);
        if (one.isDirectory()) {
          Files.createDirectories(path);
        } else {
          Files.write(path, tar.readAllBytes());
        }
      }
    }
  }
}
