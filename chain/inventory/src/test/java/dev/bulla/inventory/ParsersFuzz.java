package dev.bulla.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.inventory.archive.Bytes;
import dev.bulla.inventory.archive.GzipStream;
import dev.bulla.inventory.archive.PathHash;
import dev.bulla.inventory.archive.TarReader;
import dev.bulla.inventory.archive.ZipDirectory;
import dev.bulla.inventory.format.ApkInstalled;
import dev.bulla.inventory.format.DebianCopyright;
import dev.bulla.inventory.format.DpkgStatus;
import dev.bulla.inventory.format.ElfFile;
import dev.bulla.inventory.format.GoBuildInfo;
import dev.bulla.inventory.format.JavaManifest;
import dev.bulla.inventory.format.NpmManifest;
import dev.bulla.inventory.format.OsRelease;
import dev.bulla.inventory.format.PomProperties;
import dev.bulla.inventory.format.PythonMetadata;
import dev.bulla.inventory.format.RpmHeader;
import dev.bulla.inventory.format.RustAudit;
import dev.bulla.inventory.format.SqliteTable;
import dev.bulla.inventory.licence.Licences;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Every parser of bytes from images ends on any input, with a result or with the failure it
 * declares. The plain test runs the same targets on samples that are changed in many ways, the same
 * ways every time.
 */
class ParsersFuzz {
  private static final int ROUNDS = 120;
  private static final PathHash HASH = new PathHash();

  @FuzzTest
  void tar(byte[] data) {
    ending(() -> {
      TarReader reader = new TarReader(new ByteArrayInputStream(data));
      byte[] part = new byte[1000];
      while (reader.next()) {
        LayerScan.normalise(reader.path(), reader.pathLength());
        Interest.of(reader.path(), 0, reader.pathLength());
        reader.peek(part, 4);
        reader.read(part, 0, part.length);
      }
    });
  }

  @FuzzTest
  void gzip(byte[] data) {
    ending(() ->
        new GzipStream(new ByteArrayInputStream(data)).transferTo(OutputStreams.upTo(1 << 20)));
  }

  @FuzzTest
  void jar(byte[] data) {
    List<String> problems = new ArrayList<>();
    new JavaArchives().read("a.jar", Bytes.of(data), problems::add);
    ending(() -> {
      ZipDirectory zip = ZipDirectory.read(Bytes.of(data));
      zip.overlaps();
      for (int i = 0; i < zip.count(); i++) {
        KnownClasses.key(zip, i);
        zip.content(i, 10_000);
      }
    });
  }

  @FuzzTest
  void dpkg(byte[] data) {
    DpkgStatus.parse(data, data.length, new ArrayList<>());
    DebianCopyright.parse(data, data.length).forEach(Licences::of);
    OsRelease.parse(data, data.length);
  }

  @FuzzTest
  void apk(byte[] data) {
    ApkInstalled.parse(data, data.length, HASH, new ArrayList<>());
  }

  @FuzzTest
  void rpmHeader(byte[] data) {
    ending(() -> RpmHeader.parse(data, HASH));
  }

  @FuzzTest
  void sqlite(byte[] data) {
    ending(() -> SqliteTable.blobs(Bytes.of(data), "Packages", blob -> {}));
  }

  @FuzzTest
  void program(byte[] data) {
    ending(() -> {
      var elf = ElfFile.read(Bytes.of(data));
      if (elf.isPresent()) {
        GoBuildInfo.read(elf.get(), Bytes.of(data));
        elf.get().section(".dep-v0");
      }
    });
    ending(() -> RustAudit.parse(Bytes.of(data)));
  }

  @FuzzTest
  void python(byte[] data) {
    PythonMetadata.parse(data, data.length)
        .ifPresent(found -> PythonMetadata.normalName(found.name()));
  }

  @FuzzTest
  void packageJson(byte[] data) {
    try {
      NpmManifest.parse(data, data.length);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotNull();
    }
  }

  @FuzzTest
  void javaMetadata(byte[] data) {
    JavaManifest.parse(data).first("Implementation-Version", "Bundle-Version");
    PomProperties.parse(data);
  }

  @FuzzTest
  void cycloneDx(byte[] data) {
    ending(() -> CycloneDxReader.read(data));
  }

  @FuzzTest
  void licence(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    assertThat(Licences.of(Licences.of(text))).isEqualTo(Licences.of(text));
  }

  /** What a target may do: end, or fail as it declares. */
  private interface Target {
    void run() throws IOException;
  }

  private static void ending(Target target) {
    try {
      target.run();
    } catch (IOException | BullaException e) {
      assertThat(e.getMessage()).isNotNull();
    }
  }

  @Test
  void changedSamplesEnd() throws IOException {
    Map<String, byte[]> samples = samples();
    Map<String, java.util.function.Consumer<byte[]>> targets = new TreeMap<>();
    targets.put("tar", this::tar);
    targets.put("gzip", this::gzip);
    targets.put("jar", this::jar);
    targets.put("dpkg", this::dpkg);
    targets.put("apk", this::apk);
    targets.put("rpm", this::rpmHeader);
    targets.put("sqlite", this::sqlite);
    targets.put("go", this::program);
    targets.put("rust", this::program);
    targets.put("python", this::python);
    targets.put("npm", this::packageJson);
    targets.put("manifest", this::javaMetadata);
    targets.put("cyclonedx", this::cycloneDx);
    targets.put("licence", this::licence);
    assertThat(samples.keySet()).isEqualTo(targets.keySet());
    Random random = new Random(20261121);
    for (Map.Entry<String, byte[]> sample : samples.entrySet()) {
      for (int i = 0; i < ROUNDS; i++) {
        byte[] changed = changed(sample.getValue(), random);
        try {
          targets.get(sample.getKey()).accept(changed);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(sample.getKey() + ", round " + i, e);
        }
      }
    }
  }

  private static byte[] changed(byte[] sample, Random random) {
    byte[] changed = sample.clone();
    int changes = 1 + random.nextInt(6);
    for (int i = 0; i < changes && changed.length > 0; i++) {
      int at = random.nextInt(changed.length);
      switch (random.nextInt(5)) {
        case 0 -> changed[at] = (byte) random.nextInt(256);
        case 1 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> java.util.Arrays.fill(changed, at, Math.min(changed.length, at + 4), (byte) 0xff);
        case 3 -> java.util.Arrays.fill(changed, at, Math.min(changed.length, at + 4), (byte) 0);
        default -> changed = java.util.Arrays.copyOf(changed, at);
      }
    }
    return changed;
  }

  private static Map<String, byte[]> samples() throws IOException {
    Map<String, byte[]> samples = new TreeMap<>();
    byte[] jar =
        new JarBytes()
            .pom("g", "a", "1")
            .stored("lib/b-2.jar", JarBytes.maven("g", "b", "2"))
            .entry("x/Y.class", "c")
            .bytes();
    byte[] tar =
        new TarBytes()
            .file("a/b.jar", jar)
            .symlink("c", "a")
            .entry("p", 'x', "", utf8("12 path=abc\n"), 12)
            .file("d", "")
            .bytes();
    samples.put("tar", tar);
    samples.put("gzip", TarBytes.gzip(tar));
    samples.put("jar", jar);
    samples.put(
        "dpkg",
        utf8(
            "Package: a\n"
                + "Status: install ok installed\n"
                + "Version: 1:2-3\n"
                + "Source: b (4)\n\n"
                + "Package: c\n"
                + "Version: 1\n"));
    samples.put("apk", utf8("P:a\nV:1-r0\nF:usr/bin\nR:x\nF:\nR:y\n\nP:b\nV:2\n"));
    samples.put(
        "rpm",
        ProgramBytes.rpmHeader(
            "bash", "5.1", "2.el9", 1, "bash-5.1-2.el9.src.rpm", "/usr/bin/", "bash"));
    samples.put("sqlite", rpmDatabase());
    samples.put(
        "go",
        ProgramBytes.elf(
            ".go.buildinfo",
            ProgramBytes.goBuildInfo(
                "go1.25.1", "path\tx\nmod\tx\t(devel)\ndep\ty\tv1.0.0\th1:x\n")));
    samples.put(
        "rust",
        ProgramBytes.zlib("{\"packages\":[{\"name\":\"a\",\"version\":\"1.0.0\",\"root\":true}]}"));
    samples.put(
        "python",
        utf8(
            "Metadata-Version: 2.1\n"
                + "Name: A_b.C\n"
                + "Version: 1.0\n"
                + "License: MIT\n"
                + " x\n"
                + "Classifier: License :: OSI Approved :: MIT License\n\n"
                + "body"));
    samples.put(
        "npm",
        utf8(
            "{\"name\":\"a\",\"version\":\"1.0.0\",\"licenses\":[{\"type\":\"MIT\",\"url\":\"x\"}],\"x\":{\"y\":[1,2]}}"));
    samples.put(
        "manifest", utf8("Manifest-Version: 1.0\r\nBundle-Version: 1\r\n .2\r\n\r\ngroupId=a\n"));
    samples.put(
        "cyclonedx",
        CycloneDxJson.write(
            MemoryRepository.ofResource("small-apk.tar").catalogue(),
            new SbomOptions(java.time.Instant.EPOCH, "1")));
    samples.put("licence", utf8("(GPL-2+ and MIT) or Apache License, Version 2.0 with x"));
    return samples;
  }

  /** The database of the rpm fixture, out of its layer. */
  private static byte[] rpmDatabase() throws IOException {
    MemoryRepository image = MemoryRepository.ofResource("small-rpm.tar");
    for (var layer : image.manifest(image.image()).layers()) {
      try (InputStream in = dev.bulla.inventory.archive.LayerStream.open(image.blob(layer))) {
        TarReader reader = new TarReader(in);
        while (reader.next()) {
          if (reader.pathText().endsWith("rpmdb.sqlite")) {
            byte[] content = new byte[(int) reader.size()];
            for (int done = 0; done < content.length; ) {
              done += reader.read(content, done, content.length - done);
            }
            return content;
          }
        }
      }
    }
    throw new AssertionError("no rpm database in the fixture");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Sinks for fuzzing. */
  private static final class OutputStreams {
    static java.io.OutputStream upTo(int max) {
      return new java.io.OutputStream() {
        private int count;

        @Override
        public void write(int b) throws IOException {
          write(new byte[1], 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
          count += len;
          if (count > max) {
            throw new IOException("enough");
          }
        }
      };
    }
  }
}
