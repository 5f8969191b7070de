package dev.bulla.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Every jar that Maven resolved for the program and its tests has the committed SHA-256.
 *
 * <p>{@code -Dchecksums=record} writes the list anew; look at the difference before committing it.
 */
class DependencyChecksumsTest {
  private static final String LIST = "dist/src/test/resources/dependencies.sha256";

  @Test
  void everyResolvedJarHasTheCommittedSum() throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      if (entry.endsWith(".jar") && !entry.contains("/dev/bulla/") && !entry.contains("/target/")) {
        try (InputStream in = Files.newInputStream(jar)) {
          found.put(jar.getFileName().toString(), Digest.of(Digest.Algorithm.SHA256, in).hex());
        }
      }
    }
    assertThat(found).hasSizeGreaterThan(30);
    Path list = Sources.root().resolve(LIST);
    if ("record".equals(System.getProperty("checksums"))) {
      StringBuilder text = new StringBuilder();
      found.forEach((name, sum) -> text.append(sum).append("  ").append(name).append('\n'));
      Files.writeString(list, text);
      return;
    }
    Map<String, String> committed = new TreeMap<>();
    for (String line : Files.readAllLines(list)) {
      committed.put(line.substring(66), line.substring(0, 64));
    }
    assertThat(found).as("resolved jars against " + LIST).isEqualTo(committed);
  }
}
