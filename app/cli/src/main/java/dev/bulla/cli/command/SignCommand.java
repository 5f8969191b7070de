package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.Signer;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.Layout;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.cosign.DualSigner;
import dev.bulla.signing.trust.NotationSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
      "Without --key the signing identity of this home is used (made if there is none); with a",
      "--signing-config and no --key an identity token, and a certificate for a few minutes.",
      "An encrypted cosign key takes its password from $COSIGN_PASSWORD.",
      "",
      "Examples:",
      "  bulla sign 127.0.0.1:7470/hello:1.0",
      "  bulla sign --recursive 127.0.0.1:7470/multi:1.0",
      "  bulla sign --format notation --oci-layout ./layout:1.0",
      "  bulla sign --format notation --envelope cose --expiry 720h 127.0.0.1:7470/hello:1.0",
      "  bulla sign --identity-token token.jwt --signing-config signing_config.json \\\\",
      "    --trusted-root trusted_root.json registry.example/app:1.0 registry.example/lib:1.0",
      "  bulla sign --plugin azure-kv --id https://vault.example/keys/k/1 127.0.0.1:7470/hello:1.0",
      "  bulla sign --notation-key release 127.0.0.1:7470/hello:1.0",
      "  bulla sign --type cyclonedx --predicate sbom.cdx.json 127.0.0.1:7470/hello:1.0",
      "  bulla sign --format notation --type spdxjson --predicate sbom.spdx.json \\",
      "    127.0.0.1:7470/hello:1.0"
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

  @CommandLine.Mixin private final KeylessOptions keyless = new KeylessOptions();

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

  @CommandLine.Mixin private final PredicateOptions predicate = new PredicateOptions();

  @Override
  public int run(Session session) {
    Map<String, String> pairs = Pairs.of(annotations);
    Optional<ImageSigning.Attested> attested = predicate.attested(session);
    if (format != null && !List.of("both", "notation", "cosign").contains(format)) {
      throw new BullaException(ErrorCode.USAGE, "--format must be notation, cosign or both");
    }
    references.forEach(reference -> location(session, reference));
    envelope.check(session);
    envelope.choose(session, keys.given() || keyless.given());
    Optional<NotationSettings> settings = envelope.settings(session);
    if (keys.wouldMakeIdentity(session)
        && !keyless.given()
        && !envelope.byPlugin()
        && !envelope.byStoredKey()) {
      lookFor(session, settings);
    }
    Optional<Signer> key = key(session);
    String wanted = wanted(key);
    if (predicate.given() && !pairs.isEmpty() && !wanted.equals("notation")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "a statement in Cosign's format carries no pairs: -a does not go with --type",
          "Write them into the predicate, or give --format notation.");
    }
    Optional<DualSigner> dual = keys.dual(session, key);
    if (dual.isPresent() && (format != null || keyless.given() || envelope.given())) {
      throw new BullaException(
          ErrorCode.USAGE,
          "a dual signature has a format of its own: --second-key goes without --format, services"
              + " and what is for Notation's format",
          "");
    }
    try (KeylessOptions.@Nullable Sealing sealing =
            envelope.byPlugin() ? null : keyless.open(session, keys.given(), key::orElseThrow);
        RegistryClient client = Registries.client(session, settings)) {
      ImageSigning signing =
          new ImageSigning(
              dual.isEmpty() && !wanted.equals("cosign")
                  ? Optional.of(envelope.signer(session, keys.given(), key::orElseThrow))
                  : Optional.empty(),
              dual.isEmpty() && sealing != null && !wanted.equals("notation")
                  ? Optional.of(new CosignSigner(sealing.signer(), InstantSource.system()))
                  : Optional.empty(),
              dual,
              ociLayout ? Optional.empty() : Registries.cosignRepository(session, client),
              pairs,
              envelope.life(),
              attested);
      return new SignatureReport(session, recursive)
          .tell(references, reference -> sign(session, client, signing, reference));
    }
  }

  private Optional<Signer> key(Session session) {
    if (envelope.byStoredKey()) {
      return envelope.storedKey(session);
    }
    boolean withKey = keys.given() || !keyless.given() && !envelope.byPlugin();
    return withKey ? Optional.of(keys.signer(session)) : Optional.empty();
  }

  /** Whether everything is there that is to be signed, before a home is made to sign it. */
  private void lookFor(Session session, Optional<NotationSettings> settings) {
    try (RegistryClient client = Registries.client(session, settings)) {
      references.forEach(reference -> location(session, reference).open(client).close());
    }
  }

  private ImageLocation location(Session session, String reference) {
    return ImageLocation.parse(
        ociLayout ? session.path(reference).toString() : reference, ociLayout);
  }

  /** The formats to sign in; Notation's needs a certificate that lasts. */
  private String wanted(Optional<Signer> key) {
    boolean certified = key.filter(one -> !one.certificateChain().isEmpty()).isPresent();
    boolean notation = envelope.byPlugin() || envelope.byStoredKey();
    String usual = notation ? "notation" : certified && !predicate.given() ? "both" : "cosign";
    String wanted = format != null ? format : usual;
    if (envelope.byPlugin() && (!wanted.equals("notation") || keyless.given())) {
      throw new BullaException(
          ErrorCode.USAGE, "a plugin signs in Notation's format, and only in that");
    }
    if (key.isEmpty() && !envelope.byPlugin() && !wanted.equals("cosign")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "signatures in Notation's format need a key",
          "Give --key and --certificate, or --format cosign.");
    }
    if (envelope.given() && wanted.equals("cosign")) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--envelope, --expiry, --timestamp-… and --plugin are for signatures in Notation's"
              + " format",
          certified ? "" : "Notation needs a key with a certificate: give --certificate.");
    }
    return wanted;
  }

  private List<ImageSigning.Signed> sign(
      Session session, RegistryClient client, ImageSigning signing, String reference) {
    ImageLocation location = location(session, reference);
    try (ImageLocation.Opened opened = location.open(client);
        Repository target = writable(location, opened)) {
      return signing.sign(
          target,
          recursive
              ? WholeImage.of(target, opened.descriptor()).parts()
              : List.of(WholeImage.only(opened.descriptor())));
    }
  }

  /** A layout is opened once more to be written: opened to be read it takes no changes. */
  private static Repository writable(ImageLocation location, ImageLocation.Opened opened) {
    return location instanceof ImageLocation.InLayout(Path path, var ignored)
            && Files.isDirectory(path)
        ? Layout.create(path)
        : opened.repository();
  }
}
