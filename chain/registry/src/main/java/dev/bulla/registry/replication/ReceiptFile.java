package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * The receipts of a region on their way to a source that it cannot reach.
 *
 * <p>Lines of JSON: the first says what the file is, each other holds a report as it would have
 * been sent, with the name of its repository. Reports are signed, so the file needs no seal of its
 * own; an older file than one before changes nothing, since receipts carry their time.
 */
public final class ReceiptFile {
  private static final String KIND = "bulla-receipts";
  private static final int VERSION = 1;
  private static final int MAX_LINE = Regions.MAX_REPORT + 4 * 1024;
  private static final int MAX_LINES = 1_000_000;

  private ReceiptFile() {}

  /**
   * Writes what this registry has to tell about copies that match; what was there before stays
   * until the new file is complete.
   *
   * @throws BullaException {@code REPOSITORY_NOT_FOUND} if there is no such copy
   */
  public static ObjectNode write(Replications replications, Glob glob, Path file) {
    Set<String> names = new TreeSet<>();
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    try {
      long receipts;
      try (OutputStream out = Files.newOutputStream(beside)) {
        line(out, Json.object().put("kind", KIND).put("version", VERSION));
        receipts =
            replications.tell(
                glob,
                (repository, report) -> {
                  names.add(repository);
                  ObjectNode one = Json.object().put("repository", repository);
                  one.set("report", report);
                  line(out, one);
                });
      }
      if (names.isEmpty()) {
        throw new BullaException(
            ErrorCode.REPOSITORY_NOT_FOUND,
            "no copy of a repository matches " + glob,
            "Only who keeps copies has receipts; see 'bulla registry replicate'.");
      }
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
      return Json.object()
          .put("file", file.toString())
          .put("repositories", names.size())
          .put("receipts", receipts);
    } catch (IOException | UncheckedIOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot write " + file + ": " + e.getMessage(), e);
    } finally {
      beside.toFile().delete();
    }
  }

  private static void line(OutputStream out, ObjectNode node) {
    try {
      out.write(Json.write(node));
      out.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Takes what {@link #write} wrote in another region; a second time changes nothing.
   *
   * @throws BullaException {@code REPLICATION_UNTRUSTED} if a signature is not by the key of its
   *     region, {@code FIELD_INVALID} and others if it is no such file; what stood before the line
   *     that is named was taken
   */
  public static ObjectNode read(Regions regions, Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return read(regions::accept, in, file.getFileName().toString());
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  static ObjectNode read(BiConsumer<String, byte[]> taker, InputStream in, String name)
      throws IOException {
    Fields first = fields(next(in, name).orElse(new byte[0]), name + ", line 1");
    if (!first.only("kind", "version").string("kind").equals(KIND)
        || first.integer("version") != VERSION) {
      throw first.invalid("kind", "no file of receipts of version " + VERSION);
    }
    Set<String> names = new TreeSet<>();
    long receipts = 0;
    int number = 2;
    for (Optional<byte[]> line = next(in, name); line.isPresent(); line = next(in, name)) {
      String where = name + ", line " + number;
      if (number++ > MAX_LINES) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, name + ": more than " + MAX_LINES + " lines");
      }
      Fields one = fields(line.get(), where).only("repository", "report");
      String repository = one.string("repository");
      if (!Reference.isRepository(repository)) {
        throw one.invalid("repository", "'" + Shown.text(repository) + "'");
      }
      Fields report = one.object("report");
      receipts += report.objects("receipts").size();
      try {
        taker.accept(repository, Json.write(report.node()));
      } catch (BullaException e) {
        throw new BullaException(e.code(), where + ": " + e.reason(), e.nextStep(), e);
      }
      names.add(repository);
    }
    return Json.object()
        .put("file", name)
        .put("repositories", names.size())
        .put("receipts", receipts);
  }

  private static Fields fields(byte[] line, String where) {
    return Fields.of(Json.parse(line, MAX_LINE, where), where);
  }

  private static Optional<byte[]> next(InputStream in, String name) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int one = in.read();
    if (one < 0) {
      return Optional.empty();
    }
    while (one >= 0 && one != '\n') {
      if (line.size() >= MAX_LINE) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, name + ": a line of more than " + MAX_LINE + " bytes");
      }
      line.write(one);
      one = in.read();
    }
    return Optional.of(line.toByteArray());
  }
}
