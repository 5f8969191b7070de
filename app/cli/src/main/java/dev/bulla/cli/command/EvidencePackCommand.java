package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.oci.ImageLocation;
import dev.bulla.oci.RegistryClient;
import dev.bulla.signing.pack.EvidencePack;
import dev.bulla.signing.pack.RecordedRevocation;
import dev.bulla.signing.pack.WritePack;
import dev.bulla.signing.revocation.HttpRevocation;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.timestamp.VerifiedStamp;
import dev.bulla.signing.whole.VerifyWhole;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla evidence pack}: everything by which an image is judged, in one file. */
@CommandLine.Command(
    description = {
      "Verifies an image and packs its manifests, all evidence, and what it was judged by (keys,",
      "roots, policies, answers about revocation) into one file, which can be verified years later",
      "without a network."
    },
    footer = {
      "",
      "Options of 'verify' say what the image is judged by. A refused image is not packed.",
      "",
      "Examples:",
      "  bulla evidence pack registry.example/app:1 --out app.evidence.tar --key release.pub",
      "  bulla evidence pack registry.example/app:1 --out app.evidence.tar --trust trust.yaml",
      "  bulla evidence pack registry.example/app:1 --out app.evidence.tar --key release.pub \\",
      "    --timestamp-url https://tsa.example --timestamp-root-cert tsa.pem"
    })
public final class EvidencePackCommand extends Command {
  @CommandLine.Mixin private final ImageOptions image = new ImageOptions();

  @CommandLine.Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The pack to write, a tar file.")
  String out = "";

  @CommandLine.Option(names = "--force", description = "Replace an existing FILE.")
  boolean force;

  @CommandLine.Option(
      names = "--with-image",
      description = "Pack configs and layers of the image too.")
  boolean withImage;

  @CommandLine.Option(
      names = {"-r", "--recursive"},
      description = "Demand it of an index and of every image that it names.")
  boolean recursive;

  @CommandLine.Mixin private final StampOptions stamp = new StampOptions();

  @CommandLine.Mixin private final JudgeOptions believed = new JudgeOptions();

  @Override
  public int run(Session session) {
    Path file = session.path(out);
    OutputFiles.checkDirectory(file);
    OutputFiles.refuseExisting(file, force);
    AtomicReference<RecordedRevocation> asked =
        new AtomicReference<>(new RecordedRevocation(RevocationSource.none()));
    believed.askThrough(source -> {
      RecordedRevocation recorded = new RecordedRevocation(source);
      asked.set(recorded);
      return recorded;
    });
    List<X509Certificate> roots = stamp.given() ? stamp.roots(session) : List.of();
    ImageLocation location = image.location(session);
    Judge judge = believed.judge(session);
    try (RegistryClient client = Registries.client(session);
        ImageLocation.Opened opened = image.open(session, client)) {
      VerifyWhole.Judge one = (repository, part) -> judge.verify(location, repository, part);
      VerifyWhole.Result result =
          recursive
              ? new VerifyWhole(one).verify(opened.repository(), opened.descriptor())
              : VerifyWhole.single(
                  opened.descriptor(), one.verify(opened.repository(), opened.descriptor()));
      if (!result.accepted()) {
        WholeText text = new WholeText(image.reference, result);
        session.text().print(text.human(false));
        session.text().println("nothing was packed");
        session.document(text.json());
        return ErrorCode.SIGNATURE_INVALID.exitCode();
      }
      WritePack pack = new WritePack(opened.repository(), opened.descriptor(), reference(location));
      new PackedTrust(session, believed, pack).write(asked.get());
      if (stamp.given()) {
        pack.stampedBy(stamp.authority());
      }
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
      WritePack.Result written = pack.write(file, now, withImage, recursive);
      check(session, file, written, roots);
    }
    return 0;
  }

  /** A pack that does not verify by itself would be found out years too late. */
  private void check(
      Session session, Path file, WritePack.Result written, List<X509Certificate> roots) {
    try (EvidencePack pack = EvidencePack.open(file)) {
      Optional<VerifiedStamp> proven =
          pack.proven(roots, Optional.of(new Revocation(new HttpRevocation(), Instant.now())));
      VerifyWhole.Result again =
          new JudgedPack(session, pack, file)
              .judge(new GivenOptions(Map.of()), pack.manifest().created(), recursive);
      if (!again.accepted()) {
        throw new BullaException(
            ErrorCode.EVIDENCE_PACK_INVALID,
            "the image was accepted, and by the pack alone it is not: "
                + again.whole().failure().orElseThrow().reason(),
            "Something that it was judged by could not be packed.");
      }
      PackText text = new PackText(out, pack, written.found().evidence(), proven);
      session.text().print(text.human());
      ObjectNode document = Json.object();
      text.put(document);
      session.document(document);
    } catch (BullaException e) {
      file.toFile().delete();
      throw e;
    }
  }

  private static Optional<String> reference(ImageLocation location) {
    return switch (location) {
      case ImageLocation.InRegistry(var reference) -> Optional.of(reference.toString());
      case ImageLocation.InLayout layout -> Optional.empty();
    };
  }
}
