package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Binding.Mode;
import dev.bulla.store.Records;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What readers may see: the state machine between a push and its first pull.
 *
 * <p>A manifest in a repository that is bound to a trust policy is PENDING until the policy accepts
 * its evidence, then ADMITTED; every push of the manifest or of evidence about it has it judged
 * ({@link Decisions}). An admitted pull costs one look-up.
 *
 * <p><b>Tags</b> of a manifest that is not admitted wait in the shadow, and readers keep what the
 * tag pointed at before; so a bad push takes nobody's image away. <b>Blobs</b> are visible with a
 * visible manifest that they are a part of. <b>Parts</b> of an admitted index are admitted with it.
 * <b>Evidence</b> is visible to all ({@link EvidenceRule}).
 *
 * <p>What cannot be decided is not visible. Thread-safe.
 */
public final class ContentTrust {
  /** The empty JSON object, which is a part of almost everything. */
  private static final Digest EMPTY = Digest.sha256("{}".getBytes(StandardCharsets.US_ASCII));

  private final Registry registry;
  private final ManifestTable manifests;
  private final AdmissionTable admissions;
  private final Bindings bindings;
  private final Withdrawals withdrawals;
  private final Receipts receipts;
  private final Decisions decisions;
  private final PushJudging judging;
  private final Waivers waivers;
  private final DecisionSweep sweep;

  ContentTrust(
      Registry registry,
      ManifestTable manifests,
      AdmissionTable admissions,
      Bindings bindings,
      Records records,
      Background background,
      InstantSource clock) {
    this.registry = registry;
    this.manifests = manifests;
    this.admissions = admissions;
    this.bindings = bindings;
    this.withdrawals = new Withdrawals(records, clock);
    this.receipts = new Receipts(registry, records, clock);
    WaiverTable exceptions = new WaiverTable(records);
    this.decisions =
        new Decisions(
            registry, manifests, admissions, bindings, exceptions, withdrawals, receipts, clock);
    this.judging = new PushJudging(manifests, admissions, bindings, decisions, background);
    this.waivers = new Waivers(exceptions, decisions, clock);
    this.sweep = new DecisionSweep(records, decisions, bindings, clock);
  }

  /** Who judges; set once, before anything is served. */
  public void judgeBy(ImageJudge value) {
    decisions.judgeBy(value);
  }

  /** Who signs what was decided; set once, before anything is served. */
  public void sealBy(DecisionSealer value) {
    receipts.sealBy(value);
  }

  /**
   * The signed summary of how things stand with a manifest, a referrer of it.
   *
   * @param written whether it is written if it is not there; those of admissions always are
   */
  public Optional<Digest> receipt(String repository, Digest digest, boolean written) {
    Admission admission = admission(repository, digest);
    return written
        ? decisions.receipt(repository, digest, admission)
        : receipts.find(repository, digest, admission);
  }

  /** Has judged what a push may have changed. */
  void pushed(String repository, Digest digest, Optional<String> subject, List<String> tags) {
    judging.pushed(repository, digest, subject, tags);
  }

  /** Exceptions from what bindings demand. */
  public Waivers waivers() {
    return waivers;
  }

  /**
   * Decides about a manifest now, by the same rules as always.
   *
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND}
   */
  public Admission reconsider(String repository, Digest digest) {
    return decisions
        .reconsider(repository, digest)
        .orElseThrow(() -> Names.noManifest(repository, digest.toString()));
  }

  /**
   * Takes a manifest back, whatever its evidence says.
   *
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND}; {@link ErrorCode#CONFLICT} if
   *     nothing decides about the repository, so that readers would see it all the same
   */
  public Admission withdraw(String repository, Digest digest, String reason, String author) {
    registry.manifest(repository, digest.toString());
    if (binding(repository).filter(Binding::decides).isEmpty()) {
      throw new BullaException(
          ErrorCode.CONFLICT,
          "nothing decides what readers of %s see, so nothing can be taken back from them"
              .formatted(repository),
          "Bind the repository to a trust policy, or delete the image.");
    }
    withdrawals.add(repository, digest, reason, author);
    return reconsider(repository, digest);
  }

  /** Lets a manifest that was taken back be judged by its evidence again. */
  public Admission reinstate(String repository, Digest digest) {
    withdrawals.remove(repository, digest);
    return reconsider(repository, digest);
  }

  /**
   * Takes decisions anew that have ended, in one process at a time; to be called once in a while.
   *
   * @param limit of decisions that are looked at
   * @return how many were looked at
   */
  public int sweep(int limit) {
    return sweep.run(limit);
  }

  /**
   * What was decided about manifests of a repository, by digest.
   *
   * @param last the digest after which to go on, or the empty string
   */
  public Page<Decided> decided(
      String repository, Optional<Admission.State> state, String last, int limit) {
    return admissions.list(repository, state, last, limit);
  }

  /** A manifest and what was decided about it last. */
  public record Decided(Digest digest, Admission admission) {}

  Decisions decisions() {
    return decisions;
  }

  // Bindings

  public List<Binding> bindings() {
    return bindings.current().all();
  }

  /** Makes or replaces a binding; everything it is about is decided anew when it is asked for. */
  public void bind(Binding binding) {
    bind(binding, any -> true);
  }

  /**
   * The same, if the binding that counts at that moment for the repository whose name is the
   * pattern is the one that is meant. Looked at in the transaction that makes the change.
   *
   * @return false if it is not; nothing has changed then
   */
  public boolean bind(Binding binding, Predicate<Optional<Binding>> meant) {
    decisions.check(binding);
    boolean done = bindings.bind(binding, now -> meant.test(now.of(binding.glob())));
    bindingsChanged();
    return done;
  }

  /** Removes a binding; false if there is none. Tags that waited point where they would. */
  public boolean unbind(String glob) {
    return unbind(glob, any -> true);
  }

  /** The same under a condition, as {@link #bind(Binding, Predicate)}. */
  public boolean unbind(String glob, Predicate<Optional<Binding>> meant) {
    boolean was = bindings.unbind(glob, now -> meant.test(now.of(glob)));
    bindingsChanged();
    return was;
  }

  /** The binding that counts for a repository. */
  public Optional<Binding> binding(String repository) {
    return bindings.current().of(repository);
  }

  /** Whether readers of a repository see only what is admitted. */
  public boolean enforced(String repository) {
    return enforcing(repository).isPresent();
  }

  /** Whether there is any repository of which readers do not see all. */
  public boolean enforcesAnywhere() {
    return bindings().stream().anyMatch(b -> b.mode() == Mode.ENFORCE);
  }

  /**
   * What a binding would change, by repository and digest.
   *
   * @param from the change after which to go on
   */
  public Page<TrustChange> preview(Binding candidate, Optional<TrustChange.Place> from, int limit) {
    decisions.check(candidate);
    Bindings.Current now = bindings.current();
    return preview(now, now.with(candidate), from, limit);
  }

  /** What taking a binding away would change. */
  public Page<TrustChange> previewWithout(
      String glob, Optional<TrustChange.Place> from, int limit) {
    Bindings.Current now = bindings.current();
    return preview(now, now.without(glob), from, limit);
  }

  private Page<TrustChange> preview(
      Bindings.Current now, Bindings.Current then, Optional<TrustChange.Place> from, int limit) {
    return new TrustPreview(registry, decisions, admissions, now, then).of(from, limit);
  }

  private void bindingsChanged() {
    admissions.promoteAll(repository -> !enforced(repository)).forEach(manifests::changed);
  }

  private Optional<Binding> enforcing(String repository) {
    Optional<Binding> binding = binding(repository);
    return binding.isPresent() && binding.get().mode() == Mode.ENFORCE ? binding : Optional.empty();
  }

  // Reading

  /** A manifest as readers see it: by tag what is admitted, by digest if it is. */
  public StoredManifest visible(String repository, String reference) {
    Optional<Binding> binding = enforcing(repository);
    if (binding.isEmpty()) {
      return registry.manifest(repository, reference);
    }
    if (!Registry.isDigest(reference) && judging.owes(repository)) {
      admissions.pending(repository, reference).ifPresent(digest -> admission(repository, digest));
    }
    StoredManifest found;
    try {
      found = registry.manifest(repository, reference);
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND && !Registry.isDigest(reference)) {
        admissions
            .pending(repository, reference)
            .ifPresent(digest -> requireVisible(binding.get(), repository, digest, reference));
      }
      throw e;
    }
    requireVisible(binding.get(), repository, found.digest(), reference);
    return found;
  }

  /** The same as {@link #visible}, if everything that is needed to say so is in memory. */
  public Optional<StoredManifest> visibleAtOnce(String repository, String reference) {
    return registry
        .knownManifest(repository, reference)
        .filter(
            found -> !enforced(repository) || decisions.visibleAtOnce(repository, found.digest()));
  }

  /** What this registry itself has signed about its decisions about a manifest. */
  public Set<Digest> receiptsAbout(String repository, Digest subject) {
    return receipts.of(repository, subject);
  }

  /** A manifest as those who push see it: by tag the newest, admitted or not. */
  public StoredManifest newest(String repository, String reference) {
    if (!Registry.isDigest(reference) && enforced(repository)) {
      Optional<Digest> pending = admissions.pending(repository, reference);
      if (pending.isPresent()) {
        return registry.manifest(repository, pending.get().toString());
      }
    }
    return registry.manifest(repository, reference);
  }

  /** Whether readers see a manifest. */
  public boolean isVisible(String repository, Digest digest) {
    return !enforced(repository) || admission(repository, digest).visible();
  }

  /**
   * Whether readers see a blob: some manifest that they see is made of it.
   *
   * @throws BullaException what a missing decision was caused by, if nothing else admits it
   */
  public boolean isBlobVisible(String repository, Digest digest) {
    if (!enforced(repository)) {
      return true;
    }
    List<Digest> looked = List.of();
    List<Digest> parents = admissions.recentParents(repository, digest);
    boolean evidence = false;
    // what was admitted and is found revoked makes place for others, once
    for (int i = 0; i < 2 && !parents.equals(looked); i++) {
      for (Digest parent : parents) {
        Admission admission = admission(repository, parent);
        if (admission.state() == Admission.State.ADMITTED) {
          return true;
        }
        evidence |= admission.visible();
      }
      looked = parents;
      parents = admissions.recentParents(repository, digest);
    }
    return digest.equals(EMPTY) && evidence || isEvidenceFirst(repository, digest);
  }

  /**
   * Whether a blob was evidence before it was anything else: nobody gets to see a part of an image
   * that waits by naming it as evidence, nor hides evidence by making an image of it. It must be as
   * long as the evidence says, or {@link EvidenceRule} would bound nothing.
   */
  private boolean isEvidenceFirst(String repository, Digest digest) {
    for (Digest parent : admissions.firstParents(repository, digest)) {
      Admission admission = admission(repository, parent);
      if (admission.state() == Admission.State.EVIDENCE) {
        if (digest.equals(EMPTY) || isAsLongAsSaid(repository, parent, digest)) {
          return true;
        }
      } else if (admission.state() != Admission.State.ADMITTED && !digest.equals(EMPTY)) {
        return false;
      }
    }
    return false;
  }

  private boolean isAsLongAsSaid(String repository, Digest evidence, Digest part) {
    byte[] manifest = registry.manifest(repository, evidence.toString()).bytes();
    return registry
        .linkedSize(repository, part)
        .filter(size -> EvidenceRule.says(manifest, part, size))
        .isPresent();
  }

  /** Whether {@link #isBlobVisible} is known to be true by what is in memory. */
  public boolean isBlobVisibleAtOnce(String repository, Digest digest) {
    return !enforced(repository)
        || admissions.knownParents(repository, digest).orElse(List.of()).stream()
            .anyMatch(parent -> decisions.admittedAtOnce(repository, parent));
  }

  /**
   * @throws BullaException {@link ErrorCode#CONTENT_NOT_ADMITTED}, or {@code BLOB_NOT_FOUND} where
   *     the binding hides
   */
  public void requireBlobVisible(String repository, Digest digest) {
    if (!isBlobVisible(repository, digest)) {
      boolean hide = binding(repository).filter(Binding::hide).isPresent();
      throw hide
          ? Names.noBlob(repository, digest)
          : new BullaException(
              ErrorCode.CONTENT_NOT_ADMITTED,
              "blob %s of %s is part of nothing that is admitted there"
                  .formatted(digest, repository),
              "Pull the image first: its refusal says what is missing.");
    }
  }

  /**
   * The same for who is about to push: what he does not see is not there for him, and he sends it.
   *
   * @throws BullaException {@code BLOB_NOT_FOUND}
   */
  public void requireBlobKnown(String repository, Digest digest) {
    if (!isBlobVisible(repository, digest)) {
      throw Names.noBlob(repository, digest);
    }
  }

  /** How things stand with a manifest, decided now if need be. */
  public Admission admission(String repository, Digest digest) {
    return decisions.admission(repository, digest);
  }

  /** Has a manifest judged anew when it is asked for next. */
  public void doubt(String repository, Digest digest) {
    admissions.doubt(repository, digest);
  }

  /** Whether a push is one of evidence and nothing else. */
  public boolean isEvidence(byte[] manifest, List<String> tags) {
    return EvidenceRule.isEvidence(manifest, tags);
  }

  /**
   * @param reference by which it was asked for: who is told that nothing is there learns no digest
   */
  private void requireVisible(Binding binding, String repository, Digest digest, String reference) {
    Admission admission = admission(repository, digest);
    if (!admission.visible()) {
      throw binding.hide()
          ? Names.noManifest(repository, reference)
          : refused(repository, digest, admission);
    }
  }

  static BullaException refused(String repository, Digest digest, Admission admission) {
    return new BullaException(
        ErrorCode.CONTENT_NOT_ADMITTED,
        "%s@%s is not admitted (%s): %s"
            .formatted(repository, digest, admission.state(), admission.unmet()),
        "Push the evidence that is missing; 'bulla registry trust %s@%s' shows all clauses."
            .formatted(repository, digest));
  }
}
