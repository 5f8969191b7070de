package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.oci.ImageLocation;
import dev.bulla.signing.pack.EvidencePack;
import dev.bulla.signing.pack.PackManifest;
import dev.bulla.signing.whole.VerifyWhole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Judges the image of an evidence pack, without a network: as of a moment, by the pack's own trust
 * or by the caller's.
 */
final class JudgedPack {
  private final Session session;
  private final EvidencePack pack;
  private final Path file;

  JudgedPack(Session session, EvidencePack pack, Path file) {
    this.session = session;
    this.pack = pack;
    this.file = file;
  }

  /**
   * @param own the caller's trust; the pack's own if it names none
   * @param at as of when
   */
  VerifyWhole.Result judge(GivenOptions own, Instant at, boolean recursive) {
    Path unpacked = temporary();
    try {
      pack.extractTrust(unpacked);
      JudgeOptions options = options(own, at, unpacked);
      Judge judge = options.judge(session);
      PackManifest manifest = pack.manifest();
      ImageLocation location = location(manifest);
      VerifyWhole.Judge one = (repository, part) -> judge.verify(location, repository, part);
      return recursive
          ? new VerifyWhole(one).verify(pack.repository(), manifest.image())
          : VerifyWhole.single(manifest.image(), one.verify(pack.repository(), manifest.image()));
    } finally {
      delete(unpacked);
    }
  }

  private JudgeOptions options(GivenOptions own, Instant at, Path unpacked) {
    PackManifest manifest = pack.manifest();
    boolean ownTrust = own.nameTrust();
    List<String> arguments = new ArrayList<>();
    if (ownTrust) {
      arguments.addAll(own.arguments());
    } else {
      arguments.addAll(PackedTrust.arguments(manifest, unpacked));
      own.values()
          .forEach((name, values) ->
              values.forEach(value -> {
                arguments.removeIf(one -> one.equals(name) || one.startsWith(name + "="));
                arguments.add(value.isEmpty() ? name : name + "=" + value);
              }));
    }
    arguments.removeIf(one -> one.equals("--offline"));
    boolean byKey = has(arguments, "--key=");
    boolean identity = has(arguments, "--certificate-identity");
    if (ownTrust && !byKey && !identity && !own.has("--crl") && !own.has("--ocsp-response")) {
      arguments.addAll(PackedTrust.revocation(manifest, unpacked));
    }
    if (!byKey) {
      arguments.add("--offline");
    }
    JudgeOptions options = parse(arguments, ownTrust);
    if (!ownTrust) {
      PackedTrust.confine(session, options);
    }
    options.clock(at);
    return options;
  }

  private static boolean has(List<String> arguments, String prefix) {
    return arguments.stream().anyMatch(one -> one.startsWith(prefix));
  }

  private static JudgeOptions parse(List<String> arguments, boolean ownTrust) {
    JudgeOptions options = new JudgeOptions();
    try {
      new CommandLine(options).parseArgs(arguments.toArray(String[]::new));
      return options;
    } catch (CommandLine.ParameterException e) {
      throw new BullaException(
          ownTrust ? ErrorCode.USAGE : ErrorCode.EVIDENCE_PACK_INVALID,
          "the options cannot be read: " + e.getMessage(),
          e);
    }
  }

  private ImageLocation location(PackManifest manifest) {
    return manifest
        .reference()
        .<ImageLocation>map(name -> new ImageLocation.InRegistry(Reference.parse(name)))
        .orElseGet(() ->
            new ImageLocation.InLayout(file, Optional.of(manifest.image().digest().toString())));
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("bulla-pack-");
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.DISK_FULL, "there is no room to unpack what the image is judged by: " + e, e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder()).forEach(one -> one.toFile().delete());
    } catch (IOException e) {
      // the system clears its temporary directory
    }
  }
}
