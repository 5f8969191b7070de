package dev.bulla.build;

import dev.bulla.build.layer.ArchiveLimits;
import dev.bulla.build.layer.ArchiveReader;
import dev.bulla.build.layer.DirectoryReader;
import dev.bulla.build.layer.Entry;
import dev.bulla.build.layer.FileTree;
import dev.bulla.build.layer.IoFailure;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads and hashes all that a template names, so that the gate before the build can judge it and
 * the build cannot see anything else: files, directories, archives (unpacked here), downloads
 * (whose SHA-256 the template must name) and the base image.
 *
 * <p>Local paths must stay in the template's directory, links included. Thread-safe; each call
 * needs a work directory of its own, which the caller deletes when the image is built.
 */
public final class ResolveInputs {
  private final BaseImages baseImages;
  private final Downloads downloads;
  private final ArchiveLimits limits;
  private final BuildProgress progress;

  public ResolveInputs(
      BaseImages baseImages, Downloads downloads, ArchiveLimits limits, BuildProgress progress) {
    this.baseImages = baseImages;
    this.downloads = downloads;
    this.limits = limits;
    this.progress = progress;
  }

  /**
   * @param work an empty or absent directory for downloads, unpacked archives and base layers
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}, {@link
   *     ErrorCode#INPUT_CHECKSUM_MISMATCH}, {@link ErrorCode#INPUT_UNAVAILABLE}, {@link
   *     ErrorCode#PATH_ESCAPE}, {@link ErrorCode#ARCHIVE_INVALID}, {@link
   *     ErrorCode#ARCHIVE_TOO_LARGE}, {@link ErrorCode#DISK_FULL}, {@link ErrorCode#BUILD_TIMEOUT}
   */
  public ResolvedTemplate resolve(Template template, Path work) {
    return resolve(template, work, Deadline.after(template.buildTimeout()));
  }

  /** As {@link #resolve(Template, Path)}, with the caller's own deadline. */
  public ResolvedTemplate resolve(Template template, Path work, Deadline deadline) {
    return deadline.run(
        "resolving the inputs of " + template.name(), () -> resolveNow(template, work, deadline));
  }

  private ResolvedTemplate resolveNow(Template template, Path work, Deadline deadline)
      throws IOException {
    Files.createDirectories(work);
    List<Input> inputs = new ArrayList<>();
    Optional<ResolvedTemplate.Base> base =
        new ResolveBase(baseImages, work, progress).resolve(template, inputs);
    List<ResolvedTemplate.Content> contents = new ArrayList<>();
    for (FileStep step : template.customize()) {
      progress.report("resolve", step.name() + ": " + step.sourceUri());
      contents.add(resolveStep(template, step, work.resolve("step-" + contents.size()), inputs));
    }
    return new ResolvedTemplate(template, inputs, base, contents, work, deadline);
  }

  private ResolvedTemplate.Content resolveStep(
      Template template, FileStep step, Path spool, List<Input> inputs) throws IOException {
    boolean download = step.isDownload();
    Path file = download ? download(step, spool) : local(template.directory(), step);
    String uri = download ? step.sourceUri() : "file:" + normalised(step.sourceUri());
    boolean pinned = step.sha256Checksum().isPresent();
    String what = "customize step '" + step.name() + "' (" + Shown.text(step.sourceUri()) + ")";
    if (Files.isDirectory(file)) {
      if (step.unpack()) {
        throw new BullaException(
            ErrorCode.TEMPLATE_INVALID,
            what + ": a directory cannot be unpacked",
            "Leave 'unpack' out.");
      }
      FileTree tree = new DirectoryReader(limits).read(file, what);
      Digest digest = tree.digest();
      check(step, digest, what);
      inputs.add(new Input(Input.Kind.DIRECTORY, step.name(), uri, digest, tree.size(), pinned));
      return new ResolvedTemplate.Content.Tree(tree);
    }
    if (!Files.isRegularFile(file)) {
      throw new BullaException(
          ErrorCode.TEMPLATE_INVALID, what + ": neither a file nor a directory");
    }
    Entry.File entry = new DirectoryReader(limits).file(file);
    check(step, entry.digest(), what);
    Input.Kind kind =
        download ? Input.Kind.DOWNLOAD : step.unpack() ? Input.Kind.ARCHIVE : Input.Kind.FILE;
    inputs.add(new Input(kind, step.name(), uri, entry.digest(), entry.size(), pinned));
    return step.unpack()
        ? new ResolvedTemplate.Content.Tree(unpacked(file, entry, spool, what))
        : new ResolvedTemplate.Content.Single(fileName(step), entry);
  }

  /**
   * Unpacks a copy: an archive that is exchanged between hashing and reading is caught by hashing
   * the copy.
   */
  private FileTree unpacked(Path file, Entry.File hashed, Path spool, String what)
      throws IOException {
    Path copy = spool.resolveSibling(spool.getFileName() + ".archive");
    Digest copied;
    try {
      Files.copy(file, copy);
      try (InputStream in = Files.newInputStream(copy)) {
        copied = Digest.of(Digest.Algorithm.SHA256, in);
      }
    } catch (IOException e) {
      throw IoFailure.of(e, "copying " + what);
    }
    if (!copied.equals(hashed.digest())) {
      throw new BullaException(
          ErrorCode.INPUT_CHECKSUM_MISMATCH, what + ": changed while it was read");
    }
    FileTree tree =
        new ArchiveReader(limits)
            .read(copy, spool.resolveSibling(spool.getFileName() + ".members"), what);
    Files.delete(copy);
    return tree;
  }

  private static void check(FileStep step, Digest found, String what) {
    if (step.sha256Checksum().filter(expected -> !expected.equals(found)).isPresent()) {
      throw new BullaException(
          ErrorCode.INPUT_CHECKSUM_MISMATCH,
          "%s: the SHA-256 is %s, expected %s"
              .formatted(what, found.hex(), step.sha256Checksum().get().hex()),
          "Find out why the content differs; change sha256Checksum only if the new content is what"
              + " you want.");
    }
  }

  private Path download(FileStep step, Path spool) {
    Path file = spool.resolveSibling(spool.getFileName() + ".download");
    try (OutputStream out = Files.newOutputStream(file)) {
      downloads.fetch(new URI(step.sourceUri()), out);
    } catch (URISyntaxException e) {
      throw new BullaException(
          ErrorCode.TEMPLATE_INVALID,
          "sourceUri '" + Shown.text(step.sourceUri()) + "' is not a URL",
          e);
    } catch (IOException e) {
      throw IoFailure.of(e, "downloading " + step.sourceUri());
    }
    return file;
  }

  /** The real path of a local source. */
  private static Path local(Path directory, FileStep step) throws IOException {
    try {
      Path base = directory.toRealPath();
      Path named = directory.resolve(step.sourceUri()).normalize();
      if (Path.of(step.sourceUri()).isAbsolute() || !named.startsWith(directory.normalize())) {
        throw outside(step, directory);
      }
      Path real = directory.resolve(step.sourceUri()).toRealPath();
      if (!real.startsWith(base)) {
        throw outside(step, directory);
      }
      return real;
    } catch (NoSuchFileException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "customize step '%s': there is no %s in %s"
              .formatted(step.name(), Shown.text(step.sourceUri()), directory),
          "Check sourceUri; if a build makes the file, run that build first.",
          e);
    } catch (InvalidPathException e) {
      throw new BullaException(
          ErrorCode.TEMPLATE_INVALID,
          "sourceUri '" + Shown.text(step.sourceUri()) + "' is not a path",
          e);
    }
  }

  private static BullaException outside(FileStep step, Path directory) {
    return new BullaException(
        ErrorCode.PATH_ESCAPE,
        "customize step '%s': sourceUri '%s' leaves the template's directory %s"
            .formatted(step.name(), Shown.text(step.sourceUri()), directory),
        "Put the template above all that it uses, or copy the file below the template.");
  }

  private static String normalised(String path) {
    return Path.of(path).normalize().toString();
  }

  private static String fileName(FileStep step) {
    String path = step.isDownload() ? URI.create(step.sourceUri()).getPath() : step.sourceUri();
    String name = path.replaceFirst("/+$", "");
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
