package dev.bulla.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.build.layer.ArchiveLimits;
import dev.bulla.build.layer.Archives;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResolveInputsTest {
  private static final String HELLO = Digest.sha256("hello".getBytes(StandardCharsets.UTF_8)).hex();

  @TempDir Path temp;
  private Path project;

  @BeforeEach
  void makeProject() throws IOException {
    project = Files.createDirectory(temp.resolve("project"));
    Files.writeString(project.resolve("hello.txt"), "hello");
  }

  @Test
  void everyKindOfInputIsListedByDigest() throws IOException {
    Files.createDirectory(project.resolve("dir"));
    Files.writeString(project.resolve("dir/a"), "a");
    try (Archives tar = Archives.gzip(project.resolve("a.tgz"))) {
      tar.file("x", "x");
    }
    Digest archive = Digest.sha256(Files.readAllBytes(project.resolve("a.tgz")));

    ResolvedTemplate resolved =
        resolve(
            "{type: File, name: one, sourceUri: ./hello.txt, destination: /a}",
            "{type: File, name: two, sourceUri: dir, destination: /b}",
            "{type: File, name: three, sourceUri: a.tgz, destination: /c, unpack: true,"
                + " sha256Checksum: "
                + archive.hex()
                + "}",
            "{type: File, name: four, sourceUri: \"https://example.org/f\", destination: /d,"
                + " sha256Checksum: "
                + HELLO
                + "}");

    String treeDigest =
        Digest.sha256(
                ("f 644 1 " + Digest.sha256("a".getBytes(StandardCharsets.UTF_8)).hex() + " a\0")
                    .getBytes(StandardCharsets.UTF_8))
            .hex();
    assertThat(resolved.inputs())
        .containsExactly(
            new Input(Input.Kind.FILE, "one", "file:hello.txt", sha256(HELLO), 5, false),
            new Input(Input.Kind.DIRECTORY, "two", "file:dir", sha256(treeDigest), 1, false),
            new Input(
                Input.Kind.ARCHIVE,
                "three",
                "file:a.tgz",
                archive,
                Files.size(project.resolve("a.tgz")),
                true),
            new Input(
                Input.Kind.DOWNLOAD, "four", "https://example.org/f", sha256(HELLO), 5, true));
    assertThat(
            new String(Json.write(resolved.facts().get("inputs").get(3)), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"name\":\"four\",\"kind\":\"download\",\"uri\":\"https://example.org/f\",\"digest\":\"sha256:"
                + HELLO
                + "\",\"size\":5,\"pinned\":true}");
    assertThat(new String(Json.write(resolved.facts().get("base")), StandardCharsets.UTF_8))
        .isEqualTo("{\"type\":\"Scratch\",\"uri\":\"\",\"digest\":\"\",\"pinned\":true}");
  }

  @Test
  void wrongChecksumIsRefusedForFilesDirectoriesAndDownloads() throws IOException {
    Files.createDirectory(project.resolve("dir"));
    String wrong = "0".repeat(64);

    for (String uri : List.of("hello.txt", "dir", "\"https://example.org/f\"")) {
      BullaException refusal =
          refusal(
              "{type: File, sourceUri: "
                  + uri
                  + ", destination: /a, sha256Checksum: "
                  + wrong
                  + "}");
      assertThat(refusal.code()).isEqualTo(ErrorCode.INPUT_CHECKSUM_MISMATCH);
      assertThat(refusal.reason()).contains("expected " + wrong);
    }
  }

  @Test
  void missingFileIsNamed() {
    BullaException refusal = refusal("{type: File, sourceUri: target/app.jar, destination: /a}");

    assertThat(refusal.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
    assertThat(refusal.reason()).contains("target/app.jar");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../secret", "/etc/hostname", "sub/../../secret", "link", "linkdir/secret"})
  void sourceOutsideTheTemplatesDirectoryIsRefused(String uri) throws IOException {
    Files.writeString(temp.resolve("secret"), "s");
    Files.createSymbolicLink(project.resolve("link"), temp.resolve("secret"));
    Files.createSymbolicLink(project.resolve("linkdir"), temp);

    assertThat(refusal("{type: File, sourceUri: " + uri + ", destination: /a}").code())
        .isEqualTo(ErrorCode.PATH_ESCAPE);
  }

  @Test
  void linkOutOfTheRootInDirectoryIsRefused() throws IOException {
    Files.createDirectory(project.resolve("dir"));
    Files.createSymbolicLink(project.resolve("dir/up"), Path.of("../../../../etc"));

    assertThat(refusal("{type: File, sourceUri: dir, destination: /a}").code())
        .isEqualTo(ErrorCode.PATH_ESCAPE);
  }

  @Test
  void linkInDirectoryIsNeverFollowed() throws IOException {
    Files.createDirectory(project.resolve("dir"));
    Files.createSymbolicLink(project.resolve("dir/passwd"), Path.of("/etc/passwd"));

    assertThat(resolve("{type: File, sourceUri: dir, destination: /a}").inputs().getFirst().size())
        .isZero();
  }

  @Test
  void unpackingWhatIsNoArchiveIsRefused() throws IOException {
    Files.createDirectory(project.resolve("dir"));

    assertThat(refusal("{type: File, sourceUri: hello.txt, destination: /a, unpack: true}").code())
        .isEqualTo(ErrorCode.ARCHIVE_INVALID);
    assertThat(refusal("{type: File, sourceUri: dir, destination: /a, unpack: true}").code())
        .isEqualTo(ErrorCode.TEMPLATE_INVALID);
  }

  @Test
  void downloadThatNeverEndsIsStoppedByTheDeadline() {
    ResolveInputs resolve =
        new ResolveInputs(
            BaseImages.NONE,
            (uri, out) -> {
              try {
                Thread.sleep(Duration.ofMinutes(5));
              } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
              }
            },
            ArchiveLimits.DEFAULT,
            BuildProgress.NONE);
    Template template =
        template(
            "{type: File, sourceUri: \"http://example.org/f\", destination: /d, sha256Checksum: "
                + HELLO
                + "}");

    BullaException refusal =
        catchThrowableOfType(
            BullaException.class,
            () ->
                resolve.resolve(
                    template, temp.resolve("work"), Deadline.after(Duration.ofMillis(200))));

    assertThat(refusal.code()).isEqualTo(ErrorCode.BUILD_TIMEOUT);
    assertThat(refusal.reason()).contains("200 ms");
  }

  @Test
  void fullDiskDuringDownloadIsNamedAsSuch() {
    ResolveInputs resolve =
        new ResolveInputs(
            BaseImages.NONE,
            (uri, out) -> {
              throw new IOException("No space left on device");
            },
            ArchiveLimits.DEFAULT,
            BuildProgress.NONE);
    Template template =
        template(
            "{type: File, sourceUri: \"http://example.org/f\", destination: /d, sha256Checksum: "
                + HELLO
                + "}");

    assertThat(
            catchThrowableOfType(
                    BullaException.class, () -> resolve.resolve(template, temp.resolve("work")))
                .code())
        .isEqualTo(ErrorCode.DISK_FULL);
  }

  @Test
  void sameDirectoryHasTheSameDigestWhateverItsTimesAndModes() throws IOException {
    Path one = Files.createDirectory(project.resolve("one"));
    Path two = Files.createDirectory(project.resolve("two"));
    for (String name : List.of("a", "b", "c")) {
      Files.writeString(one.resolve(name), name);
    }
    for (String name : List.of("c", "a", "b")) {
      Path file = Files.writeString(two.resolve(name), name);
      Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1));
      Files.setPosixFilePermissions(
          file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    }

    List<Input> inputs =
        resolve(
                "{type: File, sourceUri: one, destination: /a}",
                "{type: File, sourceUri: two, destination: /b}")
            .inputs();

    assertThat(inputs.get(0).digest()).isEqualTo(inputs.get(1).digest());
  }

  private static Digest sha256(String hex) {
    return Digest.ofHash(Digest.Algorithm.SHA256, HexFormat.of().parseHex(hex));
  }

  private Template template(String... steps) {
    String yaml = "source: {type: Scratch}\ncustomize: [" + String.join(", ", steps) + "]";
    return Template.parse(
        yaml.getBytes(StandardCharsets.UTF_8), Template.Format.YAML, project, "template");
  }

  private ResolvedTemplate resolve(String... steps) {
    ResolveInputs resolve =
        new ResolveInputs(
            BaseImages.NONE,
            (uri, out) -> out.write("hello".getBytes(StandardCharsets.UTF_8)),
            ArchiveLimits.DEFAULT,
            BuildProgress.NONE);
    return resolve.resolve(template(steps), temp.resolve("work-" + System.nanoTime()));
  }

  private BullaException refusal(String step) {
    return catchThrowableOfType(BullaException.class, () -> resolve(step));
  }
}
