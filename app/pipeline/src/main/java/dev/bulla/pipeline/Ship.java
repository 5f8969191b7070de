package dev.bulla.pipeline;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.Matcher;
import dev.bulla.advisory.ScanReport;
import dev.bulla.build.BuildImage;
import dev.bulla.build.BuildResult;
import dev.bulla.build.Builder;
import dev.bulla.build.ResolvedTemplate;
import dev.bulla.build.Template;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.inventory.CatalogueImage;
import dev.bulla.inventory.Inventory;
import dev.bulla.oci.Layout;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.pipeline.StageClock.Outcome;
import dev.bulla.policy.SubjectFacts;
import dev.bulla.policy.VerificationSummary;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The chain as one run: a template becomes an image that is inventoried, scanned, judged, signed,
 * published, verified and recorded, or is refused with the evidence kept.
 *
 * <p>Everything up to the second gate happens in a temporary OCI layout; what policy judges are the
 * statements as read back from there and verified. Only then is anything published: evidence and
 * image by digest, the tag last. A run may be repeated at any time; an instance serves one run
 * after the other.
 */
public final class Ship {
  /** Who says PASSED or FAILED in a verification summary. */
  public static final String VERIFIER = "https://bulla.dev/pipeline";

  private final HomeIdentity identity;
  private final RegistryClient registries;
  private final ReleaseBook book;
  private final Surroundings surroundings;

  /**
   * What a run takes from outside.
   *
   * @param advisories the imported set of the home, opened when no other is named
   * @param version of Bulla, for provenance and scan
   */
  public record Surroundings(InstantSource clock, AdvisorySource advisories, String version) {}

  /** Opens the imported advisory set. */
  @FunctionalInterface
  public interface AdvisorySource {
    Optional<AdvisorySet> current();
  }

  public Ship(
      HomeIdentity identity,
      RegistryClient registries,
      ReleaseBook book,
      Surroundings surroundings) {
    this.identity = identity;
    this.registries = registries;
    this.book = book;
    this.surroundings = surroundings;
  }

  /**
   * Runs the chain.
   *
   * @throws BullaException for what could not be decided or done; a refusal by a gate is a result
   */
  public ShipResult ship(ShipRequest request, ShipListener listener) {
    try (WorkDirectory work = WorkDirectory.create();
        Repository layout = Layout.create(work.path().resolve("layout"))) {
      return new Run(request, listener, layout, work.path().resolve("inputs")).go();
    }
  }

  /** One run; the stages are its methods, in their order. */
  private final class Run {
    private final ShipRequest request;
    private final StageClock stages;
    private final Repository layout;
    private final Path inputs;
    private final Template template;
    private final ShipFile shipFile;
    private final Gates gates;
    private final List<Verdict> verdicts = new ArrayList<>();

    Run(ShipRequest request, ShipListener listener, Repository layout, Path inputs) {
      this.request = request;
      this.stages = new StageClock(listener);
      this.layout = layout;
      this.inputs = inputs;
      this.template = Template.load(request.template());
      this.shipFile = ShipFile.load(template.directory());
      List<Path> policies = new ArrayList<>(shipFile.policies());
      policies.addAll(request.policies());
      this.gates = new Gates(policies, surroundings.clock());
    }

    ShipResult go() {
      gates.warm();
      Destinations destinations = Destinations.of(template, request);
      try (AdvisorySet advisories = advisories()) {
        Instant now = judgedAsOf(advisories);
        ResolvedTemplate resolved = stages.run(Stage.RESOLVE, this::resolve);
        Verdict before =
            stages.run(Stage.GATE_BEFORE_BUILD, () -> gate(gates.beforeBuild(resolved, now)));
        verdicts.add(before);
        if (!before.allowed()) {
          book.refused(before);
          return result(Optional.empty(), Optional.empty(), List.of(), false, advisories);
        }
        BuildResult built = stages.run(Stage.BUILD, () -> build(resolved));
        return judgeAndPublish(destinations, built, advisories, now);
      }
    }

    private ShipResult judgeAndPublish(
        Destinations destinations, BuildResult built, AdvisorySet advisories, Instant now) {
      List<EarlierEvidence> earlier =
          Stream.of(destinations.first().name(), destinations.kept(request.registry()).name())
              .distinct()
              .map(name ->
                  EarlierEvidence.beside(
                      registries, name, built.image(), identity, surroundings.clock()))
              .toList();
      try {
        Evidence evidence =
            new Evidence(
                layout, built.image(), identity.identity().signer(), surroundings.clock(), earlier);
        return judgeAndPublish(destinations, built, evidence, advisories, now);
      } finally {
        earlier.forEach(EarlierEvidence::close);
      }
    }

    private ShipResult judgeAndPublish(
        Destinations destinations,
        BuildResult built,
        Evidence evidence,
        AdvisorySet advisories,
        Instant now) {
      Digest image = built.image().digest();
      Inventory inventory = stages.run(Stage.INVENTORY, () -> inventory(built, destinations));
      ScanReport scan = stages.run(Stage.SCAN, () -> scan(inventory, advisories));
      stages.run(Stage.SEAL, () -> seal(evidence, built, inventory, scan));
      Verdict after =
          stages.run(
              Stage.GATE_AFTER_BUILD,
              () ->
                  gate(
                      gates.afterBuild(
                          subject(built, destinations), statements(built, evidence), now)));
      verdicts.add(after);
      stages.run(Stage.SIGN, () -> sign(evidence, image, after, destinations));
      Publication publication = new Publication(registries, layout, built.image());
      if (!after.allowed()) {
        Reference kept = publication.keepEvidence(destinations.kept(request.registry()), evidence);
        stages.run(Stage.RECORD, () -> record(kept, image, false));
        return result(Optional.of(image), Optional.of(evidence), List.of(), false, advisories);
      }
      boolean reproduced = publication.isThere(destinations);
      stages.run(
          Stage.PUBLISH,
          () -> publication.publish(destinations, text -> stages.progress(Stage.PUBLISH, text)));
      stages.run(
          Stage.VERIFY,
          () ->
              new PublishedImage(registries, identity, surroundings.clock())
                  .verify(destinations.first(), image));
      List<Reference> references =
          destinations.registries().stream().flatMap(named -> named.references().stream()).toList();
      stages.run(
          Stage.RECORD,
          () -> {
            references.forEach(reference -> book.released(reference, image));
            return Outcome.of(true, "the graph knows " + shown(references));
          });
      return result(Optional.of(image), Optional.of(evidence), references, reproduced, advisories);
    }

    private AdvisorySet advisories() {
      Optional<Path> named = request.advisories().or(shipFile::advisories);
      if (named.isPresent()) {
        return AdvisorySet.load(named.get());
      }
      return surroundings
          .advisories()
          .current()
          .orElseThrow(() ->
              new BullaException(
                  ErrorCode.ADVISORY_SET_MISSING,
                  "no advisory set: an image cannot be scanned, so nothing can be said about"
                      + " its vulnerabilities",
                  "Import one with 'bulla advisory import DIR|ZIP', or give --advisories"
                      + " DIR|ZIP."));
    }

    /** A demonstration set judges as of its own date, everything else as of now. */
    private Instant judgedAsOf(AdvisorySet advisories) {
      return advisories
          .identity()
          .date()
          .filter(date -> advisories.identity().demonstration())
          .map(date -> date.atStartOfDay(ZoneOffset.UTC).toInstant())
          .orElseGet(() -> surroundings.clock().instant());
    }

    private Outcome<ResolvedTemplate> resolve() {
      ResolvedTemplate resolved =
          new Building(registries)
              .resolve(template, inputs, text -> stages.progress(Stage.RESOLVE, text));
      return Outcome.of(resolved, Summary.of(resolved));
    }

    private Outcome<Verdict> gate(Verdict verdict) {
      boolean refused = !verdict.allowed() || !verdict.blocking().isEmpty();
      return new Outcome<>(verdict, refused, Summary.of(verdict));
    }

    private Outcome<BuildResult> build(ResolvedTemplate resolved) {
      BuildResult built =
          new BuildImage(
                  Builder.local(surroundings.version()),
                  surroundings.clock(),
                  () -> "urn:uuid:" + UUID.randomUUID(),
                  (step, detail) -> stages.progress(Stage.BUILD, detail))
              .build(resolved, layout);
      return Outcome.of(built, Summary.of(built));
    }

    private Outcome<Inventory> inventory(BuildResult built, Destinations destinations) {
      Inventory inventory =
          CatalogueImage.catalogue(layout, built.image(), Optional.empty())
              .named(destinations.imageName(request.registry()));
      return Outcome.of(inventory, Summary.of(inventory));
    }

    private Outcome<ScanReport> scan(Inventory inventory, AdvisorySet advisories) {
      ScanReport report = Matcher.match(inventory, advisories);
      return Outcome.of(report, Summary.of(report));
    }

    private Outcome<Boolean> seal(
        Evidence evidence, BuildResult built, Inventory inventory, ScanReport scan) {
      Instant at = template.created();
      Digest image = built.image().digest();
      evidence.seal(built.provenance());
      evidence.seal(Sboms.cycloneDx(inventory, image, at, surroundings.version()));
      evidence.seal(Sboms.spdx(inventory, image, at, surroundings.version()));
      evidence.seal(
          scan.toStatement(image, surroundings.clock().instant(), surroundings.version()));
      String before =
          evidence.takenOver() == 0
              ? ""
              : ", %d as sealed by an earlier run".formatted(evidence.takenOver());
      return Outcome.of(
          true, evidence.statements().size() + " statements, each in both formats" + before);
    }

    private SubjectFacts subject(BuildResult built, Destinations destinations) {
      List<String> names =
          destinations.registries().stream()
              .flatMap(named -> named.references().stream())
              .map(Reference::toString)
              .toList();
      return new SubjectFacts(
          built.image().digest(),
          built.image().mediaType(),
          names,
          template.config().user().orElse(""),
          template.config().labels());
    }

    private Verification statements(BuildResult built, Evidence evidence) {
      return new Verification(built.image(), true, Optional.empty(), evidence.verified(), "");
    }

    private Outcome<Boolean> sign(
        Evidence evidence, Digest image, Verdict verdict, Destinations destinations) {
      String resource = destinations.first().name().withDigest(image).toString();
      Statement summary =
          VerificationSummary.statement(
              verdict,
              image,
              resource,
              VERIFIER,
              evidence.statements().stream().map(manifest -> manifest.digest()).toList());
      evidence.seal(summary);
      if (!verdict.allowed()) {
        return new Outcome<>(false, true, "verdict FAILED sealed; the image is not signed");
      }
      demandPassed(evidence, image);
      evidence.signImage();
      return Outcome.of(true, "verdict PASSED sealed, image signed in both formats");
    }

    /** The image is signed on the word of a verified verdict, not on a variable of this run. */
    private void demandPassed(Evidence evidence, Digest image) {
      boolean passed =
          evidence.verified().stream()
              .filter(record -> record.verified())
              .flatMap(record -> record.statement().stream())
              .filter(s -> s.predicateType().equals(PredicateTypes.VERIFICATION_SUMMARY_V1))
              .filter(s -> s.isAbout(image))
              .map(VerificationSummary::parse)
              .anyMatch(VerificationSummary::passed);
      if (!passed) {
        throw new BullaException(
            ErrorCode.POLICY_REFUSED,
            "no verified PASSED verdict for " + image + ": the image is not signed");
      }
    }

    private Outcome<Boolean> record(Reference kept, Digest image, boolean passed) {
      book.refused(kept, image);
      return Outcome.of(passed, "evidence and refusal kept at " + kept.name() + "@" + image);
    }

    private ShipResult result(
        Optional<Digest> image,
        Optional<Evidence> evidence,
        List<Reference> references,
        boolean reproduced,
        AdvisorySet advisories) {
      return new ShipResult(
          references,
          image,
          reproduced,
          stages.times(),
          evidence.map(Evidence::documents).orElse(List.of()),
          verdicts,
          advisories.description());
    }

    private static String shown(List<Reference> references) {
      return references.stream().map(Reference::toString).collect(Collectors.joining(", "));
    }
  }
}
