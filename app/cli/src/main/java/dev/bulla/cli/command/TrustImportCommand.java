package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.signing.imports.ImportPolicies;
import dev.bulla.signing.imports.Imported;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla trust import}: trust policies of other programs as one of Bulla's. */
@CommandLine.Command(
    description = {
      "Carries trust policies of other programs over into a Bulla trust policy, and lists what",
      "could not be: Notation's trustpolicy.json, the policy-controller's ClusterImagePolicy,",
      "Kyverno's verifyImages rules and ImageValidatingPolicy."
    },
    footer = {
      "",
      "bulla trust import --from notation trustpolicy.json --trust-store truststore --out"
          + " trust.yaml",
      "bulla trust import --from clusterimagepolicy policies.yaml --out trust.yaml",
      "bulla trust import --from kyverno policies.yaml --trusted-root trusted_root.json",
      "",
      "Ends with 0 if everything was carried over, or with --allow-partial; else with 3, and"
          + " writes",
      "nothing. Without --out the policy goes to standard output and the list to standard error."
    })
public final class TrustImportCommand extends Command {
  @CommandLine.Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Policies: JSON, or YAML with one document or more.")
  List<String> files = List.of();

  @CommandLine.Option(
      names = "--from",
      required = true,
      paramLabel = "PROGRAM",
      description = "notation, clusterimagepolicy or kyverno.")
  String from = "";

  @CommandLine.Option(
      names = "--trust-store",
      paramLabel = "DIR",
      description = "Notation's trust store (default: truststore beside the first FILE).")
  @Nullable String trustStore;

  @CommandLine.Option(
      names = "--trusted-root",
      paramLabel = "FILE",
      description = "trusted_root.json of the Sigstore instance that the policies go by.")
  @Nullable String trustedRoot;

  @CommandLine.Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the new policy (default: imported).")
  String name = "imported";

  @CommandLine.Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write the new policy; must not exist.")
  @Nullable String out;

  @CommandLine.Option(
      names = "--allow-partial",
      description = "Write the policy although something could not be carried over.")
  boolean allowPartial;

  @Override
  public int run(Session session) {
    Path target = out == null ? session.path("trust.yaml") : session.path(out);
    ImportPolicies imports =
        new ImportPolicies(
            source(),
            written(
                target,
                trustStore == null
                    ? session.path(files.getFirst()).resolveSibling("truststore")
                    : session.path(trustStore)),
            Optional.ofNullable(trustedRoot).map(file -> written(target, session.existing(file))));
    files.forEach(file -> imports.add(InputFiles.read(session, file), file));
    Imported imported = imports.finish(name);
    boolean done = imported.complete() || allowPartial;
    imported.lost().forEach(one -> session.err().println(line(one)));
    if (done) {
      write(session, target, ImportPolicies.yaml(imported));
    } else {
      session
          .err()
          .println(
              "%d things could not be carried over; nothing is written. Look at them, then give"
                      .formatted(imported.lost().size())
                  + " --allow-partial.");
    }
    session.document(json(imported, done));
    return done ? 0 : ErrorCode.TRUST_POLICY_INVALID.exitCode();
  }

  private ImportPolicies.Source source() {
    try {
      return ImportPolicies.Source.valueOf(from.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--from is '%s', expected notation, clusterimagepolicy or kyverno"
              .formatted(Shown.text(from)),
          e);
    }
  }

  /** A path as the new policy is to name it: relative to its own directory, where that can be. */
  private static String written(Path target, Path file) {
    Path base = target.toAbsolutePath().normalize().getParent();
    Path absolute = file.toAbsolutePath().normalize();
    return base == null ? absolute.toString() : base.relativize(absolute).toString();
  }

  private static String line(Imported.Lost lost) {
    return "%s %s: %s"
        .formatted(
            lost.weaker() ? "WEAKER  " : "stricter",
            Shown.text(lost.path()),
            Shown.text(lost.reason()));
  }

  private void write(Session session, Path target, byte[] yaml) {
    if (out == null) {
      if (!session.json()) {
        session.raw(yaml);
      }
      return;
    }
    try {
      Files.write(target, yaml, StandardOpenOption.CREATE_NEW);
      session.text().println("wrote " + out + "; look at it with: bulla trust check " + out);
    } catch (FileAlreadyExistsException e) {
      throw new BullaException(
          ErrorCode.CONFLICT, out + " exists already", "Choose another name.", e);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot write " + out + ": " + e.getMessage(), e);
    }
  }

  private static ObjectNode json(Imported imported, boolean done) {
    ObjectNode root = Json.object().put("complete", imported.complete()).put("written", done);
    root.set("policy", imported.document());
    ArrayNode lost = root.putArray("lost");
    imported
        .lost()
        .forEach(one ->
            lost.addObject()
                .put("path", one.path())
                .put("reason", one.reason())
                .put("weaker", one.weaker()));
    return root;
  }
}
