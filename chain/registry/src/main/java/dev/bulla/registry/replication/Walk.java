package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import dev.bulla.registry.replication.FeedEntry.Type;
import dev.bulla.registry.replication.ReplicaTable.Content;
import dev.bulla.registry.replication.ReplicaTable.Tag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out what a repository of a registry without feeds has: its tags, what they lead to, and the
 * evidence about all of that.
 *
 * <p>What it finds is believed as it stands: without a feed nobody can tell an old state from a new
 * one, or that a piece of evidence was left out. For one thread.
 */
final class Walk {
  private static final int MAX_DEPTH = 8;
  private static final int MAX_MANIFESTS = 100_000;
  private static final int PAGE = 1_000;

  private final Repository source;
  private final ReplicaTable table;
  private final List<FeedEntry> found = new ArrayList<>();
  private final Set<Digest> seen = new HashSet<>();

  Walk(Repository source, ReplicaTable table) {
    this.source = source;
    this.table = table;
  }

  /** What differs from what is known, what is gone first. */
  List<FeedEntry> changes() {
    Set<String> tags = new HashSet<>(source.tags());
    for (String tag : tags) {
      Optional<Descriptor> target = source.resolve(tag);
      if (target.isPresent()) {
        visit(target.get(), "", 0);
        found.add(RepositoryPass.found(Type.TAG, target.get(), tag, ""));
      }
    }
    List<FeedEntry> all = new ArrayList<>();
    for (Tag tag : table.allTags()) {
      if (!tags.contains(tag.name())) {
        Descriptor gone = new Descriptor("gone", tag.digest(), 0);
        all.add(RepositoryPass.found(Type.UNTAG, gone, tag.name(), ""));
      }
    }
    gone().forEach(one -> all.add(RepositoryPass.found(Type.DELETE, one, "", "")));
    all.addAll(found);
    return all;
  }

  private void visit(Descriptor root, String subject, int depth) {
    if (!seen.add(root.digest())) {
      return;
    }
    if (depth > MAX_DEPTH || seen.size() > MAX_MANIFESTS) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: more than %d manifests, or evidence about evidence more than %d levels deep"
              .formatted(source.name(), MAX_MANIFESTS, MAX_DEPTH));
    }
    found.add(RepositoryPass.found(Type.PUSH, root, "", subject));
    for (WholeImage.Part part : WholeImage.of(source, root).parts()) {
      Descriptor one = part.descriptor();
      if (part.depth() > 0 && seen.add(one.digest())) {
        found.add(RepositoryPass.found(Type.PUSH, one, "", ""));
      }
      for (Descriptor referrer : source.referrers(one.digest(), Optional.empty())) {
        visit(referrer, one.digest().toString(), depth + 1);
      }
    }
  }

  /** What was there, cannot be reached any more, and is not there under its digest either. */
  private List<Descriptor> gone() {
    List<Descriptor> gone = new ArrayList<>();
    String last = "";
    while (true) {
      List<Content> page = table.all(last, PAGE);
      for (Content one : page) {
        Digest digest = one.descriptor().digest();
        boolean evidence = !one.subject().isEmpty();
        if (!seen.contains(digest) && (evidence || source.resolve(digest.toString()).isEmpty())) {
          gone.add(one.descriptor());
        }
        last = digest.toString();
      }
      if (page.size() < PAGE) {
        return gone;
      }
    }
  }
}
