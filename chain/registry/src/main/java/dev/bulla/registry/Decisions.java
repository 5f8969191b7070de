package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Admission.State;
import dev.bulla.registry.Binding.Mode;
import dev.bulla.registry.Binding.UnsignedPush;
import dev.bulla.registry.ImageJudge.Clause;
import dev.bulla.registry.ImageJudge.Judgement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Has manifests judged, and remembers what came of it.
 *
 * <p>Decisions are stored with the epoch of the bindings and the moment until which they count;
 * after that each is taken anew when it is asked for, by one thread for each manifest. Thread-safe.
 */
final class Decisions {
  private static final int LOCKS = 64;
  private static final int MAX_DEPTH = 8;
  private static final String WITHDRAWN = "withdrawn";

  /** What is not read because of a limit is not called unsigned. */
  private static final String LIMIT = "evidence-limit";

  private static final String READABLE = "readable";
  private static final int ATTEMPTS = 5;
  static final Duration PENDING_LIFE = Duration.ofDays(30);

  /** A decision in favour counts so long at most. */
  static final Duration LIFE = Duration.ofHours(24);

  /** A decision against counts so long, if nothing is pushed meanwhile. */
  private static final Duration REFUSAL_LIFE = Duration.ofMinutes(1);

  /** So long a decision counts that exceptions were needed for: what they leave may change. */
  private static final Duration WAIVED_LIFE = Duration.ofMinutes(10);

  private static final System.Logger LOG = System.getLogger("bulla.registry");

  private final Registry registry;
  private final ManifestTable manifests;
  private final AdmissionTable admissions;
  private final Bindings bindings;
  private final WaiverTable waivers;
  private final Withdrawals withdrawals;
  private final Receipts receipts;
  private final InstantSource clock;
  private final List<ReentrantLock> locks = new ArrayList<>();
  private volatile ImageJudge judge = ImageJudge.NONE;

  Decisions(
      Registry registry,
      ManifestTable manifests,
      AdmissionTable admissions,
      Bindings bindings,
      WaiverTable waivers,
      Withdrawals withdrawals,
      Receipts receipts,
      InstantSource clock) {
    this.registry = registry;
    this.manifests = manifests;
    this.admissions = admissions;
    this.bindings = bindings;
    this.waivers = waivers;
    this.withdrawals = withdrawals;
    this.receipts = receipts;
    this.clock = clock;
    for (int i = 0; i < LOCKS; i++) {
      locks.add(new ReentrantLock());
    }
  }

  void judgeBy(ImageJudge value) {
    judge = value;
  }

  /**
   * @throws BullaException if nobody could judge by this binding
   */
  void check(Binding binding) {
    judge.check(binding);
  }

  /**
   * What the judge says, by any binding; nothing is stored. He does not see what this registry has
   * said itself, and what satisfied him last comes first, so that nobody can bury it under more
   * evidence than is read.
   */
  Judgement judge(
      Binding binding, String repository, StoredManifest manifest, Optional<String> tag) {
    Descriptor subject =
        new Descriptor(manifest.mediaType(), manifest.digest(), manifest.bytes().length);
    Digest digest = manifest.digest();
    StoredRepository view =
        new StoredRepository(
            registry,
            repository,
            manifest,
            receipts.of(repository, digest),
            admissions.find(repository, digest).map(Admission::evidence).orElse(List.of()));
    try {
      Judgement judgement = judge.judge(binding, view, subject, tag);
      return view.wasCut() && (!judgement.admitted() || binding.policy().length > 0)
          ? unread(judgement)
          : judgement;
    } catch (BullaException e) {
      if (e.code().kind() != ErrorCode.Kind.INVALID) {
        throw e;
      }
      Clause clause = new Clause(READABLE, e.reason());
      return new Judgement(false, List.of(clause), List.of(), e.reason(), false);
    }
  }

  /** Against, because there is more than is read; who judges by all of it must not miss any. */
  private static Judgement unread(Judgement judgement) {
    String reason =
        "it has more than %d referrers, and only so many are read; delete what is not needed"
            .formatted(StoredRepository.MAX_REFERRERS);
    List<Clause> clauses = new ArrayList<>(List.of(new Clause(LIMIT, reason)));
    clauses.addAll(judgement.clauses());
    return new Judgement(false, clauses, judgement.evidence(), reason, judgement.rejected());
  }

  /** What would be decided by another binding; nothing is stored. */
  Admission would(Binding binding, String repository, StoredManifest manifest) {
    Instant now = clock.instant();
    if (EvidenceRule.isEvidence(manifest.bytes())) {
      return Admission.plain(State.EVIDENCE, 0, now, now);
    }
    Optional<String> taken = withdrawals.find(repository, manifest.digest());
    return taken
        .map(why -> withdrawn(why, 0, now))
        .orElseGet(() ->
            following(
                judge(binding, repository, manifest, Optional.empty()),
                repository,
                manifest.digest(),
                0,
                now));
  }

  /** How things stand with a manifest, decided now if need be. */
  Admission admission(String repository, Digest digest) {
    return admission(repository, digest, 0);
  }

  /** Whether it was decided, and counts, that readers see a manifest; if that is in memory. */
  boolean visibleAtOnce(String repository, Digest digest) {
    return counting(repository, digest).filter(Admission::visible).isPresent();
  }

  /** The same of what is admitted, not of evidence. */
  boolean admittedAtOnce(String repository, Digest digest) {
    return counting(repository, digest)
        .filter(admission -> admission.state() == State.ADMITTED)
        .isPresent();
  }

  private Optional<Admission> counting(String repository, Digest digest) {
    return admissions
        .known(repository, digest)
        .filter(known -> known.counts(bindings.current().epoch(), clock.instant()));
  }

  private Admission admission(String repository, Digest digest, int depth) {
    Bindings.Current current = bindings.current();
    Optional<Admission> known = admissions.find(repository, digest);
    return known.isPresent() && known.get().counts(current.epoch(), clock.instant())
        ? known.get()
        : decide(repository, digest, false, depth);
  }

  /**
   * Whether the tags of a push wait for a decision.
   *
   * @throws BullaException {@link ErrorCode#CONTENT_NOT_ADMITTED} if the binding demands that the
   *     evidence is there first, and it is not
   */
  boolean pends(String repository, StoredManifest manifest, List<String> tags) {
    Bindings.Current current = bindings.current();
    Optional<Binding> binding = current.of(repository).filter(b -> b.mode() == Mode.ENFORCE);
    if (binding.isEmpty()) {
      return false;
    }
    boolean evidence = EvidenceRule.isEvidence(manifest.bytes(), tags);
    if (!evidence && !tags.isEmpty() && binding.get().unsignedPush() == UnsignedPush.REFUSE) {
      Judgement judgement = judge(binding.get(), repository, manifest, tags.stream().findFirst());
      Admission admission =
          following(judgement, repository, manifest.digest(), current.epoch(), clock.instant());
      if (!admission.visible()) {
        throw ContentTrust.refused(repository, manifest.digest(), admission);
      }
    }
    return !evidence;
  }

  /** Has decided anew what a deletion may have changed. */
  void deleted(String repository, Digest digest, Optional<String> subject) {
    admissions.doubt(repository, digest);
    subject.ifPresent(one -> admissions.doubt(repository, Digest.parse(one)));
  }

  /** Decides now, whatever was decided before; empty if there is no such manifest. */
  Optional<Admission> reconsider(String repository, Digest digest) {
    admissions.doubt(repository, digest);
    return decideAnew(repository, digest);
  }

  /** Decides also if there is a decision that counts; empty if there is no such manifest. */
  Optional<Admission> decideAnew(String repository, Digest digest) {
    return manifests.byDigest(repository, digest).isPresent()
        ? Optional.of(decide(repository, digest, true, 0))
        : Optional.empty();
  }

  /**
   * Decides about a manifest: in this process alone, and beside other processes until nothing
   * changed meanwhile that the decision rests on. Where evidence comes in faster than it can be
   * judged, the last decision is an answer for this caller, who asked before it was taken; it is
   * not stored, so that the next one asks again.
   *
   * @param anew also if there is a decision that counts
   */
  private Admission decide(String repository, Digest digest, boolean anew, int depth) {
    Taken taken = decideOnce(repository, digest, anew, depth);
    for (int i = 1; i < ATTEMPTS && !taken.stored; i++) {
      admissions.refresh();
      taken = decideOnce(repository, digest, anew, depth);
    }
    if (!taken.stored) {
      admissions.doubt(repository, digest);
    }
    return taken.admission;
  }

  /** A decision, and whether it counts for others. */
  private record Taken(Admission admission, boolean stored) {}

  private Taken decideOnce(String repository, Digest digest, boolean anew, int depth) {
    String basis;
    ReentrantLock lock = locks.get(Math.floorMod((repository + digest).hashCode(), LOCKS));
    Admission own;
    lock.lock();
    try {
      Bindings.Current current = bindings.current();
      Optional<Admission> known = admissions.find(repository, digest);
      if (!anew && known.filter(a -> a.counts(current.epoch(), clock.instant())).isPresent()) {
        return new Taken(known.get(), true);
      }
      basis = admissions.basis(repository, digest);
      own = judged(current, repository, digest);
      if (own.visible()
          || own.state() == State.REVOKED // taken back: no index admits it
          || admissions.parents(repository, digest).isEmpty()) {
        return saved(repository, digest, own, basis);
      }
    } finally {
      lock.unlock();
    }
    // not under the lock: a parent may have a lock that waits for this one
    return saved(
        repository, digest, admittingParent(repository, digest, own, depth).orElse(own), basis);
  }

  private Optional<Admission> admittingParent(
      String repository, Digest digest, Admission own, int depth) {
    if (depth >= MAX_DEPTH) {
      return Optional.empty();
    }
    for (Digest parent : admissions.parents(repository, digest)) {
      Admission admission = admission(repository, parent, depth + 1);
      if (admission.state() == State.ADMITTED) {
        return Optional.of(own.admittedVia(parent.toString(), admission.until()));
      }
    }
    return Optional.empty();
  }

  private Admission judged(Bindings.Current current, String repository, Digest digest) {
    StoredManifest manifest = registry.manifest(repository, digest.toString());
    Instant now = clock.instant();
    if (EvidenceRule.isEvidence(manifest.bytes())) {
      return Admission.plain(State.EVIDENCE, current.epoch(), now, now);
    }
    Optional<Binding> binding = current.of(repository);
    if (binding.isEmpty() || !binding.get().decides()) {
      return Admission.plain(State.ADMITTED, current.epoch(), now, now.plus(LIFE));
    }
    Optional<String> taken = withdrawals.find(repository, digest);
    if (taken.isPresent()) {
      return withdrawn(taken.get(), current.epoch(), now);
    }
    Judgement judgement = judge(binding.get(), repository, manifest, Optional.empty());
    return following(judgement, repository, digest, current.epoch(), now);
  }

  private static Admission withdrawn(String reason, long epoch, Instant now) {
    return new Admission(
        State.REVOKED,
        epoch,
        now,
        now.plus(REFUSAL_LIFE),
        "",
        List.of(new Clause(WITHDRAWN, reason)),
        List.of(),
        reason,
        List.of());
  }

  /** What follows from a judgement, by itself or with exceptions. */
  private Admission following(
      Judgement judgement, String repository, Digest digest, long epoch, Instant now) {
    Admission own = decision(judgement, State.ADMITTED, epoch, now);
    if (judgement.admitted()) {
      return own;
    }
    List<Waiver> used = Waivers.covering(judgement, waivers.effective(repository, digest, now));
    if (!used.isEmpty()) {
      return own.admittedBy(used, now.plus(WAIVED_LIFE));
    }
    if (judgement.rejected()) {
      return own.in(State.REJECTED);
    }
    boolean late =
        manifests
            .pushedAt(repository, digest)
            .filter(pushed -> pushed.plus(PENDING_LIFE).isBefore(now))
            .isPresent();
    return own.in(late ? State.EXPIRED : State.PENDING);
  }

  private Taken saved(String repository, Digest digest, Admission decision, String basis) {
    Optional<Admission> saved = admissions.save(repository, digest, decision, basis);
    State state = saved.orElse(decision).state();
    if (state == State.ADMITTED || state == State.REVOKED) {
      manifests.changed(repository); // tags may have moved; parts are admitted by others now
    }
    if (saved.map(Admission::state).filter(State.ADMITTED::equals).isPresent()) {
      try {
        if (bindings.current().of(repository).filter(b -> b.mode() == Mode.ENFORCE).isPresent()) {
          receipt(repository, digest, saved.get());
        }
      } catch (BullaException e) {
        // the decision stands; the next one tries again
        LOG.log(System.Logger.Level.WARNING, "the receipt of " + repository + "@" + digest, e);
      }
    }
    return new Taken(saved.orElse(decision), saved.isPresent());
  }

  /** The signed summary of a decision, written if it is not there; empty if nobody signs here. */
  Optional<Digest> receipt(String repository, Digest digest, Admission decision) {
    Optional<Binding> binding = bindings.current().of(repository).filter(Binding::decides);
    if (binding.isEmpty() || decision.state() == State.EVIDENCE) {
      return Optional.empty();
    }
    List<Waiver> used =
        decision.waivers().stream().flatMap(id -> waivers.find(id).stream()).toList();
    StoredManifest manifest = registry.manifest(repository, digest.toString());
    return receipts.write(binding.get(), repository, manifest, decision, used);
  }

  private static Admission decision(Judgement judgement, State state, long epoch, Instant now) {
    Instant latest = now.plus(judgement.admitted() ? LIFE : REFUSAL_LIFE);
    return new Admission(
        state,
        epoch,
        now,
        judgement.until().filter(latest::isAfter).orElse(latest),
        "",
        judgement.clauses(),
        judgement.evidence(),
        judgement.reason(),
        List.of());
  }
}
