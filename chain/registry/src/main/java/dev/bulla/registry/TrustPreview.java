package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.registry.Admission.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a change of the bindings would do to each manifest, without changing it: judged as it would
 * be judged, exceptions and indexes included. Not thread-safe.
 */
final class TrustPreview {
  private static final int PAGE = 500;
  private static final int MAX_DEPTH = 8;

  private final Registry registry;
  private final Decisions decisions;
  private final AdmissionTable admissions;
  private final Bindings.Current before;
  private final Bindings.Current after;
  private final Map<Digest, Admission> judged = new HashMap<>();

  TrustPreview(
      Registry registry,
      Decisions decisions,
      AdmissionTable admissions,
      Bindings.Current before,
      Bindings.Current after) {
    this.registry = registry;
    this.decisions = decisions;
    this.admissions = admissions;
    this.before = before;
    this.after = after;
  }

  /**
   * A part of the changes, by repository and digest.
   *
   * @param from the change after which to go on
   */
  Page<TrustChange> of(Optional<TrustChange.Place> from, int limit) {
    List<TrustChange> changes = new ArrayList<>();
    String last = from.map(TrustChange.Place::repository).orElse("");
    if (!last.isEmpty()) {
      repository(last, from.get().digest(), limit, changes);
    }
    Page<String> page;
    do {
      page = registry.repositories(last, PAGE, Projects.Seen.STORED);
      for (String name : page.entries()) {
        if (changes.size() > limit) {
          return Page.of(changes, limit);
        }
        repository(name, "", limit, changes);
      }
      last = page.entries().isEmpty() ? last : page.entries().getLast();
    } while (page.more());
    return Page.of(changes, limit);
  }

  private void repository(String name, String last, int limit, List<TrustChange> changes) {
    if (before.of(name).equals(after.of(name))) {
      return;
    }
    judged.clear();
    String at = last;
    List<Digest> digests;
    do {
      digests = admissions.manifests(name, at, PAGE);
      for (Digest digest : digests) {
        if (changes.size() > limit) {
          return;
        }
        change(name, digest).ifPresent(changes::add);
      }
      at = digests.isEmpty() ? at : digests.getLast().toString();
    } while (digests.size() == PAGE);
  }

  private Optional<TrustChange> change(String repository, Digest digest) {
    StoredManifest manifest = registry.manifest(repository, digest.toString());
    if (EvidenceRule.isEvidence(manifest.bytes())) {
      return Optional.empty();
    }
    Optional<Binding> old = before.of(repository).filter(Binding::decides);
    Optional<Binding> next = after.of(repository).filter(Binding::decides);
    State from = old.isEmpty() ? State.ADMITTED : decisions.admission(repository, digest).state();
    State to = State.ADMITTED;
    String reason = "";
    if (next.isPresent()) {
      Admission would = would(next.get(), repository, digest, 0);
      boolean wasIn = old.isPresent() && (from == State.ADMITTED || from == State.REVOKED);
      to = !would.visible() && wasIn ? State.REVOKED : would.state();
      reason = would.visible() ? "" : would.unmet();
    }
    boolean saw = visible(old, from);
    boolean sees = visible(next, to);
    return from == to && saw == sees
        ? Optional.empty()
        : Optional.of(
            new TrustChange(
                repository, digest, admissions.tagsOf(repository, digest), from, to, sees, reason));
  }

  private static boolean visible(Optional<Binding> binding, State state) {
    return state == State.ADMITTED
        || binding.filter(one -> one.mode() == Binding.Mode.ENFORCE).isEmpty();
  }

  private Admission would(Binding binding, String repository, Digest digest, int depth) {
    Admission known = judged.get(digest);
    if (known != null) {
      return known;
    }
    Admission own =
        decisions.would(binding, repository, registry.manifest(repository, digest.toString()));
    Admission found = own;
    if (!own.visible() && own.state() != State.REVOKED && depth < MAX_DEPTH) {
      for (Digest parent : admissions.parents(repository, digest)) {
        Admission admission = would(binding, repository, parent, depth + 1);
        if (admission.state() == State.ADMITTED) {
          found = own.admittedVia(parent.toString(), admission.until());
          break;
        }
      }
    }
    judged.put(digest, found);
    return found;
  }
}
