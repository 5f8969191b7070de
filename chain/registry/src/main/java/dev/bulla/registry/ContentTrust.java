package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Admission.State;
import dev.bulla.registry.Binding.Mode;
import dev.bulla.registry.Binding.UnsignedPush;
import dev.bulla.registry.ImageJudge.Judgement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What readers may see: the state machine between a push and its first pull.
 *
 * <p>A manifest in a repository that is bound to a trust policy is PENDING until the policy accepts
 * its evidence, then ADMITTED; every push of the manifest or of evidence about it has it judged.
 * Decisions are stored with the epoch of the bindings: after a change of a binding each is taken
 * anew when it is asked for, by one thread for each manifest. An admitted pull costs one look-up.
 *
 * <p><b>Tags</b> of a manifest that is not admitted wait in the shadow, and readers keep what the
 * tag pointed at before; so a bad push takes nobody's image away. <b>Blobs</b> are visible with a
 * visible manifest that they are a part of. <b>Parts</b> of an admitted index are admitted with it.
 * <b>Evidence</b> is visible to all ({@link EvidenceRule}).
 *
 * <p>What cannot be decided is not visible. Thread-safe.
 */
public final class ContentTrust {
  private static final int LOCKS = 64;
  private static final int MAX_DEPTH = 8;
  private static final int MAX_PREVIEW = 1_000;
  private static final Duration PENDING_LIFE = Duration.ofDays(30);
  private static final System.Logger LOG = System.getLogger("bulla.registry");

  private final Registry registry;
  private final ManifestTable manifests;
  private final AdmissionTable admissions;
  private final Bindings bindings;
  private final InstantSource clock;
  private final List<ReentrantLock> locks = new ArrayList<>();
  private volatile ImageJudge judge = ImageJudge.NONE;

  ContentTrust(
      Registry registry,
      ManifestTable manifests,
      AdmissionTable admissions,
      Bindings bindings,
      InstantSource clock) {
    this.registry = registry;
    this.manifests = manifests;
    this.admissions = admissions;
    this.bindings = bindings;
    this.clock = clock;
    for (int i = 0; i < LOCKS; i++) {
      locks.add(new ReentrantLock());
    }
  }

  /** Who judges; set once, before anything is served. */
  public void judgeBy(ImageJudge value) {
    judge = value;
  }

  // Bindings

  public List<Binding> bindings() {
    return bindings.current().all();
  }

  /** Makes or replaces a binding; everything it is about is decided anew when it is asked for. */
  public void bind(Binding binding) {
    judge.check(binding);
    bindings.bind(binding);
    admissions.promoteAll(repository -> !enforced(repository));
    forgetTags();
  }

  /** Removes a binding; false if there is none. Tags that waited point where they would. */
  public boolean unbind(String glob) {
    boolean was = bindings.unbind(glob);
    admissions.promoteAll(repository -> !enforced(repository));
    forgetTags();
    return was;
  }

  /** The binding that counts for a repository. */
  public Optional<Binding> binding(String repository) {
    return bindings.current().of(repository);
  }

  /** Whether readers of a repository see only what is admitted. */
  public boolean enforced(String repository) {
    return binding(repository).filter(b -> b.mode() == Mode.ENFORCE).isPresent();
  }

  /** Whether there is any repository of which readers do not see all. */
  public boolean enforcesAnywhere() {
    return bindings().stream().anyMatch(b -> b.mode() == Mode.ENFORCE);
  }

  /**
   * What a binding would change: tagged manifests that readers see now and would not, or the other
   * way round.
   */
  public List<Change> preview(Binding candidate) {
    judge.check(candidate);
    List<Change> changes = new ArrayList<>();
    for (String repository : registry.repositories("", 10_000, false).entries()) {
      if (!candidate.matches(repository)) {
        continue;
      }
      for (String tag : registry.tags(repository, "", 10_000).entries()) {
        if (changes.size() >= MAX_PREVIEW) {
          return changes;
        }
        if (!EvidenceRule.isTag(tag)) {
          change(candidate, repository, tag).ifPresent(changes::add);
        }
      }
    }
    return changes;
  }

  /**
   * @param visible whether readers would see it
   */
  public record Change(
      String repository, String tag, Digest digest, boolean visible, String reason) {}

  private Optional<Change> change(Binding candidate, String repository, String tag) {
    StoredManifest manifest = registry.manifest(repository, tag);
    if (EvidenceRule.isEvidence(manifest.bytes())) {
      return Optional.empty();
    }
    boolean now = !enforced(repository) || admission(repository, manifest.digest()).visible();
    Judgement would =
        judge.judge(
            candidate,
            new StoredRepository(registry, repository),
            describe(manifest),
            Optional.of(tag));
    boolean visible = candidate.mode() != Mode.ENFORCE || would.admitted();
    return now == visible && would.admitted() == visible
        ? Optional.empty()
        : Optional.of(new Change(repository, tag, manifest.digest(), visible, would.reason()));
  }

  // Reading

  /** A manifest as readers see it: by tag what is admitted, by digest if it is. */
  public StoredManifest visible(String repository, String reference) {
    Optional<Binding> binding = binding(repository).filter(b -> b.mode() == Mode.ENFORCE);
    if (binding.isEmpty()) {
      return registry.manifest(repository, reference);
    }
    StoredManifest found;
    try {
      found = registry.manifest(repository, reference);
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND && !Registry.isDigest(reference)) {
        admissions
            .pending(repository, reference)
            .ifPresent(digest -> requireVisible(binding.get(), repository, digest));
      }
      throw e;
    }
    requireVisible(binding.get(), repository, found.digest());
    return found;
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
    for (Digest parent : admissions.parents(repository, digest)) {
      if (admission(repository, parent).visible()) {
        return true;
      }
    }
    return false;
  }

  /**
   * @throws BullaException {@link ErrorCode#CONTENT_NOT_ADMITTED}, or {@code BLOB_NOT_FOUND} where
   *     the binding hides
   */
  public void requireBlobVisible(String repository, Digest digest) {
    if (!isBlobVisible(repository, digest)) {
      boolean hide = binding(repository).filter(Binding::hide).isPresent();
      throw hide
          ? Registry.noBlob(repository, digest)
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
      throw Registry.noBlob(repository, digest);
    }
  }

  /** How things stand with a manifest, decided now if need be. */
  public Admission admission(String repository, Digest digest) {
    return admission(repository, digest, 0);
  }

  private Admission admission(String repository, Digest digest, int depth) {
    Bindings.Current current = bindings.current();
    Optional<Admission> known = admissions.find(repository, digest);
    return known.filter(a -> a.counts(current.epoch(), clock.instant())).isPresent()
        ? known.get()
        : decide(repository, digest, false, depth);
  }

  // Pushing

  /**
   * Whether the tags of a push wait for a decision.
   *
   * @throws BullaException {@link ErrorCode#CONTENT_NOT_ADMITTED} if the binding demands that the
   *     evidence is there first, and it is not
   */
  boolean pends(String repository, StoredManifest manifest, List<String> tags) {
    Optional<Binding> binding = binding(repository).filter(b -> b.mode() == Mode.ENFORCE);
    if (binding.isEmpty()) {
      return false;
    }
    boolean evidence = isEvidence(manifest.bytes(), tags);
    if (!evidence && !tags.isEmpty() && binding.get().unsignedPush() == UnsignedPush.REFUSE) {
      Judgement judgement = judge(binding.get(), repository, describe(manifest), tags);
      if (!judgement.admitted()) {
        throw refused(
            binding.get(), repository, manifest.digest(), decision(judgement, State.PENDING, ""));
      }
    }
    return !evidence;
  }

  /** Whether a push is one of evidence and nothing else. */
  public boolean isEvidence(byte[] manifest, List<String> tags) {
    return EvidenceRule.isEvidence(manifest) && tags.stream().allMatch(EvidenceRule::isTag);
  }

  /** Has judged what a push may have changed: the manifest itself, and what it is evidence of. */
  void pushed(String repository, Digest digest, Optional<String> subject, List<String> tags) {
    if (binding(repository).filter(b -> b.mode() != Mode.OPEN).isEmpty()) {
      return;
    }
    List<String> affected = new ArrayList<>();
    affected.add(digest.toString());
    subject.ifPresent(affected::add);
    tags.stream().filter(EvidenceRule::isTag).map(EvidenceRule::subjectOf).forEach(affected::add);
    for (String one : affected) {
      try {
        Digest about = Digest.parse(one);
        if (manifests.byDigest(repository, about).isPresent()) {
          decide(repository, about, true, 0);
        }
      } catch (BullaException e) {
        // the push itself is done; whoever pulls is told why it is not admitted
        LOG.log(System.Logger.Level.WARNING, "judging " + repository + "@" + one, e);
      }
    }
  }

  /** Has decided anew what a deletion may have changed. */
  void deleted(String repository, Digest digest, Optional<String> subject) {
    admissions.doubt(repository, digest);
    subject.ifPresent(one -> admissions.doubt(repository, Digest.parse(one)));
  }

  // Deciding

  /**
   * Decides about a manifest, alone.
   *
   * @param anew also if there is a decision that counts
   */
  private Admission decide(String repository, Digest digest, boolean anew, int depth) {
    ReentrantLock lock = locks.get(Math.floorMod((repository + digest).hashCode(), LOCKS));
    Admission own;
    lock.lock();
    try {
      Bindings.Current current = bindings.current();
      Optional<Admission> known = admissions.find(repository, digest);
      if (!anew && known.filter(a -> a.counts(current.epoch(), clock.instant())).isPresent()) {
        return known.get();
      }
      own = judged(current, repository, digest);
      if (own.visible()) {
        return saved(repository, digest, own);
      }
    } finally {
      lock.unlock();
    }
    // not under the lock: a parent may have a lock that waits for this one
    Optional<Digest> via = admittingParent(repository, digest, depth);
    return saved(
        repository, digest, via.map(parent -> own.admittedVia(parent.toString())).orElse(own));
  }

  private Optional<Digest> admittingParent(String repository, Digest digest, int depth) {
    if (depth >= MAX_DEPTH) {
      return Optional.empty();
    }
    for (Digest parent : admissions.parents(repository, digest)) {
      if (admission(repository, parent, depth + 1).state() == State.ADMITTED) {
        return Optional.of(parent);
      }
    }
    return Optional.empty();
  }

  private Admission judged(Bindings.Current current, String repository, Digest digest) {
    StoredManifest manifest = registry.manifest(repository, digest.toString());
    Instant now = clock.instant();
    if (EvidenceRule.isEvidence(manifest.bytes())) {
      return new Admission(State.EVIDENCE, current.epoch(), now, "", List.of(), List.of(), "");
    }
    Optional<Binding> binding = current.of(repository);
    if (binding.isEmpty() || binding.get().mode() == Mode.OPEN) {
      return new Admission(State.ADMITTED, current.epoch(), now, "", List.of(), List.of(), "");
    }
    Judgement judgement = judge(binding.get(), repository, describe(manifest), List.of());
    State state = State.ADMITTED;
    if (!judgement.admitted()) {
      boolean late =
          manifests
              .pushedAt(repository, digest)
              .filter(pushed -> pushed.plus(PENDING_LIFE).isBefore(now))
              .isPresent();
      state = judgement.rejected() ? State.REJECTED : late ? State.EXPIRED : State.PENDING;
    }
    return decision(judgement, state, "", current.epoch(), now);
  }

  private Judgement judge(
      Binding binding, String repository, Descriptor subject, List<String> tags) {
    return judge.judge(
        binding, new StoredRepository(registry, repository), subject, tags.stream().findFirst());
  }

  private Admission saved(String repository, Digest digest, Admission decision) {
    Admission saved = admissions.save(repository, digest, decision);
    if (saved.state() == State.ADMITTED) {
      manifests.changed(repository); // tags may have moved
    }
    return saved;
  }

  private Admission decision(Judgement judgement, State state, String via) {
    return decision(judgement, state, via, bindings.current().epoch(), clock.instant());
  }

  private static Admission decision(
      Judgement judgement, State state, String via, long epoch, Instant now) {
    return new Admission(
        state, epoch, now, via, judgement.clauses(), judgement.evidence(), judgement.reason());
  }

  private void requireVisible(Binding binding, String repository, Digest digest) {
    Admission admission = admission(repository, digest);
    if (!admission.visible()) {
      throw refused(binding, repository, digest, admission);
    }
  }

  private static BullaException refused(
      Binding binding, String repository, Digest digest, Admission admission) {
    return binding.hide()
        ? Registry.noManifest(repository, digest.toString())
        : new BullaException(
            ErrorCode.CONTENT_NOT_ADMITTED,
            "%s@%s is not admitted (%s): %s"
                .formatted(repository, digest, admission.state(), admission.unmet()),
            "Push the evidence that is missing; 'bulla registry trust %s@%s' shows all clauses."
                .formatted(repository, digest));
  }

  private static Descriptor describe(StoredManifest manifest) {
    return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.bytes().length);
  }

  private void forgetTags() {
    registry.repositories("", 10_000, false).entries().forEach(manifests::changed);
  }
}
