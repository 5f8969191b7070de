package dev.bulla.build.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.BlobSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private final ImageFiles image = new ImageFiles();

  @Test
  void parentsAreMadeOnlyWhereTheImageHasNone() {
    base(tar -> tar.directory("usr", 0755).directory("usr/local", 02775));

    assertThat(paths(file("/usr/local/share/x", "1")))
        .containsExactly("usr/local/share", "usr/local/share/x");
  }

  @Test
  void linkedDirectoryOfTheBaseIsFollowedInsteadOfReplaced() {
    base(tar -> tar.directory("usr/lib", 0755).symlink("lib", "usr/lib"));

    assertThat(paths(file("/lib/x.so", "1"))).containsExactly("usr/lib/x.so");
  }

  @Test
  void linkOfTheBaseCannotLeadOutOfTheRoot() {
    base(tar -> tar.symlink("up", "../../../etc"));

    assertThat(paths(file("/up/passwd", "1"))).containsExactly("etc", "etc/passwd");
  }

  @Test
  void loopOfLinksIsRefused() {
    base(tar -> tar.symlink("a", "b").symlink("b", "a"));

    assertThatThrownBy(() -> file("/a/x", "1"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_INVALID));
  }

  @Test
  void directoryOfTheBaseKeepsItsMode() {
    base(tar -> tar.directory("tmp", 01777));
    FileTree content = new FileTree();
    content.add(ImagePath.parse("tmp/x"), entry("1"));

    assertThat(paths(at("/").tree(content, image))).containsExactly("tmp/x");
  }

  @Test
  void whatIsThereAlreadyIsLeftOut() {
    base(tar -> tar.file("etc/same", "1", 0100644).file("etc/other", "1", 0100755));
    FileTree content = new FileTree();
    content.add(ImagePath.parse("same"), entry("1"));
    content.add(ImagePath.parse("other"), entry("1"));

    assertThat(paths(at("/etc").tree(content, image))).containsExactly("etc/other");
  }

  @Test
  void fileInPlaceOfDirectoryIsRefused() {
    base(tar -> tar.directory("app", 0755));

    assertThatThrownBy(() -> file("/app", "1"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_INVALID);
              assertThat(e.nextStep()).contains("End the destination with '/'");
            });
  }

  @Test
  void directoryInPlaceOfFileIsRefused() {
    base(tar -> tar.file("app", "x"));

    assertThatThrownBy(() -> file("/app/x", "1"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_INVALID));
  }

  @Test
  void modeAndOwnerApplyToWhatTheStepMakes() {
    FileTree content = new FileTree();
    content.add(ImagePath.parse("sub/x"), entry("1"));
    Placement placement =
        new Placement(ImagePath.parse("/data/in"), Optional.of(0600), new Entry.Owner(5, 6));

    FileTree layer = placement.tree(content, image);

    assertThat(layer.at(ImagePath.parse("data/in/sub/x")).orElseThrow().mode()).isEqualTo(0600);
    assertThat(layer.at(ImagePath.parse("data/in/sub")).orElseThrow().owner())
        .isEqualTo(new Entry.Owner(5, 6));
    assertThat(layer.at(ImagePath.parse("data")).orElseThrow().owner()).isEqualTo(Entry.Owner.ROOT);
  }

  @Test
  void whiteoutsOfTheBaseHideLowerLayersOnly() {
    base(tar -> tar.file("a/x", "1").file("a/y", "1").file("b/x", "1").file("a-z", "1"));
    base(tar -> tar.file("a/.wh.x", "").file("b/new", "1").file("b/.wh..wh..opq", ""));

    assertThat(image.at(ImagePath.parse("a/x"))).isEmpty();
    assertThat(image.at(ImagePath.parse("a/y"))).isPresent();
    assertThat(image.at(ImagePath.parse("b/x"))).isEmpty();
    assertThat(image.at(ImagePath.parse("b/new"))).isPresent();
    assertThat(image.at(ImagePath.parse("a-z"))).isPresent();
  }

  @Test
  void removedDirectoryTakesItsContentAlong() {
    base(tar -> tar.file("a/b/c", "1").file("a0", "1"));
    base(tar -> tar.file(".wh.a", ""));

    assertThat(image.at(ImagePath.parse("a/b/c"))).isEmpty();
    assertThat(image.at(ImagePath.parse("a"))).isEmpty();
    assertThat(image.at(ImagePath.parse("a0"))).isPresent();
  }

  private void base(Consumer<Archives> members) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Archives tar = Archives.plain(bytes)) {
      members.accept(tar);
    }
    Digest diffId =
        image.applyLayer(
            new ByteArrayInputStream(bytes.toByteArray()), ArchiveLimits.DEFAULT, "base");
    assertThat(diffId).isEqualTo(Digest.sha256(bytes.toByteArray()));
  }

  private FileTree file(String destination, String content) {
    return at(destination).file(entry(content), image);
  }

  private static Placement at(String destination) {
    return new Placement(ImagePath.parse(destination), Optional.empty(), Entry.Owner.ROOT);
  }

  private static Entry.File entry(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new Entry.File(
        0644, Entry.Owner.ROOT, bytes.length, Digest.sha256(bytes), BlobSource.of(bytes));
  }

  private static List<String> paths(FileTree tree) {
    return tree.entries().keySet().stream().map(ImagePath::text).toList();
  }
}
