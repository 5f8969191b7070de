package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.Signer;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.Layout;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.cosign.PredicateNames;
import dev.bulla.signing.notation.NotationSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla sign}: signs an image or any artifact, or attests a predicate about it. */
@CommandLine.Command(
    description = {
      "Signs an image in Notation's and Cosign's formats, or attests a predicate about it.",
      "The signatures are stored beside the image, as referrers."
    },
    footer = {
      "",
      "Without --key the signing identity of this home is used (made if there is none).",
      "An encrypted cosign key takes its password from $COSIGN_PASSWORD.",
      "",
      "Examples:",
      "  bulla sign 127.0.0.1:7470/hello:1.0",
      "  bulla sign --recursive 127.0.0.1:7470/multi:1.0",
      "  bulla sign --format notation --oci-layout ./layout:1.0",
      "  bulla sign --format notation --envelope cose --expiry 720h 127.0.0.1:7470/hello:1.0",
      "  bulla sign --type cyclonedx --predicate sbom.cdx.json 127.0.0.1:7470/hello:1.0"
    })
public final class SignCommand extends Command {
  @CommandLine.Parameters(
      arity = "1..*",
      paramLabel = "REF",
      description = "REGISTRY/REPO[:TAG|@DIGEST], or with --oci-layout PATH:TAG or PATH@DIGEST.")
  List<String> references = List.of();

  @CommandLine.Option(names = "--oci-layout", description = "Take REF as a path to an OCI layout.")
  boolean ociLayout;

  @CommandLine.Option(
      names = {"-r", "--recursive"},
      description = "Sign an index and everything that it names.")
  boolean recursive;

  @CommandLine.Mixin private final KeyOptions keys = new KeyOptions();

  @CommandLine.Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "notation, cosign or both (default: both, or cosign if the key has no certificate).")
  @Nullable String format;

  @CommandLine.Mixin private final EnvelopeOptions envelope = new EnvelopeOptions();

  @CommandLine.Option(
      names = {"-a", "-m", "--annotation", "--user-metadata"},
      paramLabel = "KEY=VALUE",
      description = "A pair to sign with the image; repeatable.")
  List<String> annotations = List.of();

  @CommandLine.Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "Predicate type: a URI or cosign's short name (cyclonedx, spdxjson, slsaprovenance1, …).")
  @Nullable String type;

  @CommandLine.Option(
      names = "--predicate",
      paramLabel = "FILE",
      description = "JSON predicate to attest; with --type.")
  @Nullable String predicate;

  @Override
  public int run(Session session) {
    if ((type == null) != (predicate == null)) {
      throw new BullaException(ErrorCode.USAGE, "--type and --predicate go together");
    }
    Signer signer = keys.signer(session);
    boolean certified = !signer.certificateChain().isEmpty();
    String wanted = format != null ? format : certified ? "both" : "cosign";
    if (!List.of("both", "notation", "cosign").contains(wanted)) {
      throw new BullaException(ErrorCode.USAGE, "--format must be notation, cosign or both");
    }
    if (envelope.given() && (wanted.equals("cosign") || type != null)) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--envelope, --expiry and --timestamp-… are for signatures in Notation's format",
          certified ? "" : "Notation needs a key with a certificate: give --certificate.");
    }
    Map<String, String> pairs = Pairs.of(annotations);
    SignatureReport report = new SignatureReport(session, references.size() == 1 && !recursive);
    try (RegistryClient client = Registries.client(session)) {
      for (String reference : references) {
        String argument = ociLayout ? session.path(reference).toString() : reference;
        ImageLocation location = ImageLocation.parse(argument, ociLayout);
        try (ImageLocation.Opened opened = location.open(client);
            Repository target = writable(location, opened)) {
          List<WholeImage.Part> parts =
              recursive
                  ? WholeImage.of(target, opened.descriptor()).parts()
                  : List.of(WholeImage.only(opened.descriptor()));
          for (WholeImage.Part part : parts.reversed()) { // whoever sees the root signed has all
            Descriptor subject = part.descriptor().bare();
            report.signed(reference, part, sign(session, signer, wanted, target, subject, pairs));
          }
        }
      }
    }
    report.finish();
    return 0;
  }

  private List<Descriptor> sign(
      Session session,
      Signer signer,
      String wanted,
      Repository target,
      Descriptor subject,
      Map<String, String> pairs) {
    if (type != null && predicate != null) {
      return List.of(attest(session, signer, target, subject, type, predicate));
    }
    List<Descriptor> made = new ArrayList<>();
    if (!wanted.equals("cosign")) {
      made.add(
          envelope
              .apply(session, new NotationSigner(signer, InstantSource.system()))
              .sign(target, subject, pairs, envelope.life()));
    }
    if (!wanted.equals("notation")) {
      made.add(new CosignSigner(signer, InstantSource.system()).sign(target, subject, pairs));
    }
    return made;
  }

  /** A layout is opened once more to be written: opened to be read it takes no changes. */
  private static Repository writable(ImageLocation location, ImageLocation.Opened opened) {
    return location instanceof ImageLocation.InLayout(Path path, var ignored)
            && Files.isDirectory(path)
        ? Layout.create(path)
        : opened.repository();
  }

  private static Descriptor attest(
      Session session,
      Signer signer,
      Repository target,
      Descriptor subject,
      String type,
      String file) {
    Path path = session.existing(file);
    try {
      Statement statement =
          Statement.about(
              subject.digest(),
              PredicateNames.toUri(type),
              Json.parseObject(Files.readAllBytes(path), file));
      return new CosignSigner(signer, InstantSource.system()).attest(target, subject, statement);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
