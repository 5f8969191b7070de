package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.statement.Subject;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.cosign.DualSigner;
import dev.bulla.signing.notation.NotationSigner;
import dev.bulla.signing.trust.BlobSubject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla sign-blob}: signs a file, or attests a predicate about it. */
@CommandLine.Command(
    description = {
      "Signs a file: as cosign does, into a Sigstore bundle, or as notation does, into a signature",
      "file beside it. With --type and --predicate it attests a predicate about the file."
    },
    footer = {
      "",
      "Without --key the signing identity of this home is used (made if there is none); with a",
      "--signing-config and no --key an identity token, and a certificate for a few minutes.",
      "An encrypted cosign key takes its password from $COSIGN_PASSWORD.",
      "",
      "Examples:",
      "  bulla sign-blob --key cosign.key --bundle app.sigstore.json app.tar",
      "  bulla sign-blob --format notation --envelope cose --expiry 720h app.tar",
      "  bulla sign-blob --identity-token token.jwt --signing-config signing_config.json \\\\",
      "    --trusted-root trusted_root.json app.tar lib.tar docs.tar",
      "  bulla sign-blob --type cyclonedx --predicate sbom.cdx.json --bundle sbom.json app.tar",
      "",
      "Verify with bulla verify-blob, cosign verify-blob, cosign verify-blob-attestation or",
      "notation blob verify."
    })
public final class SignBlobCommand extends Command {
  @CommandLine.Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "The file to sign; several in Cosign's format.")
  List<String> files = List.of();

  @CommandLine.Mixin private final KeyOptions key = new KeyOptions();

  @CommandLine.Mixin private final KeylessOptions keyless = new KeylessOptions();

  @CommandLine.Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "cosign or notation (default: cosign).")
  String format = "cosign";

  @CommandLine.Option(
      names = "--bundle",
      paramLabel = "FILE",
      description =
          "Where the Sigstore bundle goes; an existing file is replaced, as by cosign. Of several"
              + " files each gets its own: FILE.sigstore.json.")
  @Nullable String bundle;

  @CommandLine.Option(
      names = "--ed25519ph",
      description =
          "Let an Ed25519 key sign the SHA-512 of the file, as it does for a log anyway; cosign 3.1"
              + " does not verify that.")
  boolean prehash;

  @CommandLine.Option(
      names = "--in-toto",
      description = "FILE is an in-toto statement: it is sealed as it is.")
  boolean inToto;

  @CommandLine.Mixin private final EnvelopeOptions envelope = new EnvelopeOptions();

  @CommandLine.Option(
      names = {"-m", "--user-metadata"},
      paramLabel = "KEY=VALUE",
      description = "A pair to sign with the file, in Notation's format; repeatable.")
  List<String> metadata = List.of();

  @CommandLine.Option(
      names = "--media-type",
      paramLabel = "TYPE",
      description =
          "What the file is, in Notation's format (default: " + NotationSigner.ANY_FILE + ").")
  @Nullable String mediaType;

  @CommandLine.Option(
      names = "--signature-directory",
      paramLabel = "DIR",
      description =
          "Where FILE.jws.sig or FILE.cose.sig goes, in Notation's format (default: beside FILE).")
  @Nullable String directory;

  @CommandLine.Option(names = "--force", description = "Replace an existing signature file.")
  boolean force;

  @CommandLine.Mixin private final PredicateOptions predicate = new PredicateOptions();

  @Override
  public int run(Session session) {
    for (String file : files) {
      if (Files.isDirectory(session.existing(file))) {
        throw usage(file + " is a directory, expected a file", "");
      }
    }
    envelope.choose(session, key.given() || keyless.given() || !format.equals("notation"));
    return switch (format) {
      case "notation" -> byNotation(session);
      case "cosign" -> byCosign(session);
      default -> throw usage("--format must be notation or cosign", "");
    };
  }

  private int byCosign(Session session) {
    if (envelope.given() || !metadata.isEmpty() || mediaType != null || directory != null) {
      throw usage(
          "--envelope, --expiry, --timestamp-…, --plugin, -m, --media-type and"
              + " --signature-directory are for signatures in Notation's format",
          "Give --format notation.");
    }
    if (inToto && predicate.given()) {
      throw usage("--type and --predicate do not go with --in-toto", "");
    }
    Optional<ImageSigning.Attested> attested = predicate.attested(session);
    if (files.size() == 1 && bundle == null) {
      throw usage("nothing says where the bundle goes", "Give --bundle FILE.");
    }
    if (files.size() > 1 && bundle != null) {
      throw usage("--bundle names one bundle, and there are several files", "");
    }
    if (bundle != null) {
      OutputFiles.checkDirectory(session.path(bundle));
    }
    if (key.secondKey != null) {
      return twice(session, attested);
    }
    try (KeylessOptions.Sealing sealing =
        keyless.open(session, key.given(), () -> key.signer(session))) {
      CosignSigner signer =
          new CosignSigner(
              prehash ? sealing.signer().withPrehash() : sealing.signer(), InstantSource.system());
      SignedFiles signed = new SignedFiles(session, files.size() == 1);
      return signed.report(
          files,
          file -> {
            String target = bundle != null ? bundle : file + ".sigstore.json";
            OutputFiles.write(
                session.path(target), sealed(signer, session.existing(file), attested));
            return new SignedFiles.Signed(
                target,
                inToto
                    ? "in-toto"
                    : attested.map(ImageSigning.Attested::type).orElse("sigstore-bundle"));
          });
    }
  }

  /** By two keys at once. */
  private int twice(Session session, Optional<ImageSigning.Attested> attested) {
    if (keyless.given() || inToto || prehash) {
      throw usage("--second-key goes neither with services nor with --in-toto or --ed25519ph", "");
    }
    DualSigner signer = key.dual(session, Optional.of(key.signer(session))).orElseThrow();
    return new SignedFiles(session, files.size() == 1)
        .report(
            files,
            file -> {
              String target = bundle != null ? bundle : file + ".dual.json";
              Path artifact = session.existing(file);
              OutputFiles.write(
                  session.path(target),
                  attested
                      .map(said -> signer.seal(statement(artifact, said)))
                      .orElseGet(
                          () -> signer.signBlob(BlobSubject.of(artifact).descriptor().digest())));
              return new SignedFiles.Signed(target, "bulla-dual");
            });
  }

  private byte[] sealed(CosignSigner signer, Path file, Optional<ImageSigning.Attested> attested) {
    if (inToto) {
      return signer.sealStatement(file);
    }
    return attested
        .map(said -> signer.attestBlob(statement(file, said)))
        .orElseGet(() -> signer.signBlob(file));
  }

  private int byNotation(Session session) {
    if (bundle != null
        || predicate.given()
        || inToto
        || key.secondKey != null
        || prehash
        || keyless.given()) {
      throw usage(
          "--bundle, --type, --predicate, --in-toto, --ed25519ph, --second-key and services of"
              + " Sigstore are for signatures in Cosign's format",
          "");
    }
    if (files.size() > 1) {
      throw usage("in Notation's format one file is signed at a time", "");
    }
    Path artifact = session.existing(files.getFirst());
    String kind = envelope.kind(session);
    String name = artifact.getFileName() + "." + kind + ".sig";
    Path target =
        directory == null
            ? artifact.resolveSibling(name)
            : session.existing(directory).resolve(name);
    OutputFiles.refuseExisting(target, force);
    Map<String, String> pairs = Pairs.of(metadata);
    envelope.check(session);
    NotationSigner signer =
        envelope.signer(
            session,
            key.given(),
            () -> envelope.storedKey(session).orElseGet(() -> key.signer(session)));
    byte[] made =
        signer.signBlob(
            artifact,
            Optional.ofNullable(mediaType).orElse(NotationSigner.ANY_FILE),
            pairs,
            envelope.life());
    OutputFiles.write(target, made);
    return new SignedFiles(session, true)
        .report(files, file -> new SignedFiles.Signed(target.toString(), "notation-" + kind));
  }

  private static Statement statement(Path artifact, ImageSigning.Attested said) {
    try (var in = Files.newInputStream(artifact)) {
      Digest digest = Digest.of(Digest.Algorithm.SHA256, in);
      Subject subject =
          new Subject(
              Optional.of(artifact.getFileName().toString()),
              Map.of(digest.algorithm().id(), digest.hex()),
              Map.of());
      return new Statement(List.of(subject), said.type(), said.predicate());
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.INPUT_UNAVAILABLE, artifact + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static BullaException usage(String reason, String nextStep) {
    return new BullaException(ErrorCode.USAGE, reason, nextStep);
  }
}
