package dev.bulla.oci;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies an image or an index, with everything it consists of, from one repository to another.
 *
 * <p>Blobs go first, then manifests from the leaves to the root, the root with its tags last of
 * them, then the referrers: at no moment does the destination show a manifest whose parts are
 * missing. What is there already is not sent again. Between two repositories of one registry blobs
 * are mounted where the registry can.
 */
public final class CopyImage {
  private static final int MAX_REFERRER_DEPTH = 8;

  private final Repository from;
  private final Repository to;
  private final int parallelism;
  private final boolean referrers;
  private final Set<Digest> absent;
  private final Progress progress;

  /**
   * What a copy did.
   *
   * @param blobs sent, configs included
   * @param mounted blobs that the registry linked from the other repository
   * @param blobsPresent blobs that were there already
   * @param manifests sent, indexes and referrers included
   * @param manifestsPresent manifests that were there already
   * @param referrers copied or found present
   * @param bytes of the blobs sent
   */
  public record Result(
      int blobs,
      int mounted,
      int blobsPresent,
      int manifests,
      int manifestsPresent,
      int referrers,
      long bytes) {}

  private CopyImage(
      Repository from,
      Repository to,
      int parallelism,
      boolean referrers,
      Set<Digest> absent,
      Progress progress) {
    this.from = from;
    this.to = to;
    this.parallelism = parallelism;
    this.referrers = referrers;
    this.absent = Set.copyOf(absent);
    this.progress = progress;
  }

  /** A copy without referrers, four blobs at a time. */
  public static CopyImage between(Repository from, Repository to) {
    return new CopyImage(from, to, 4, false, Set.of(), Progress.none());
  }

  /** How many blobs are transferred at the same time, 1 or more. */
  public CopyImage parallelism(int value) {
    return new CopyImage(from, to, Math.max(1, value), referrers, absent, progress);
  }

  /** Signatures, statements and other referrers too, and the referrers of those. */
  public CopyImage withReferrers() {
    return new CopyImage(from, to, parallelism, true, absent, progress);
  }

  public CopyImage progress(Progress value) {
    return new CopyImage(from, to, parallelism, referrers, absent, value);
  }

  /** Children of an index that are not at the source, and are not to be copied. */
  public CopyImage without(Set<Digest> children) {
    return new CopyImage(from, to, parallelism, referrers, children, progress);
  }

  /**
   * Copies {@code root} and gives it {@code tags} at the destination; without tags it is known
   * there by its digest.
   *
   * @throws dev.bulla.core.BullaException of either repository; nothing that was copied is taken
   *     back
   */
  public Result copy(Descriptor root, Collection<String> tags) {
    Run run = new Run();
    Closure closure = run.copy(root, tags);
    if (referrers) {
      run.copyReferrers(closure, 1);
    }
    return run.result();
  }

  /** The counts of one copy. */
  private final class Run {
    private final AtomicInteger blobs = new AtomicInteger();
    private final AtomicInteger mounted = new AtomicInteger();
    private final AtomicInteger blobsPresent = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final Set<Digest> visited = new HashSet<>();
    private int manifests;
    private int manifestsPresent;
    private int copiedReferrers;

    Closure copy(Descriptor root, Collection<String> tags) {
      Closure closure = Closure.of(from, root, absent);
      Parallel.forEach(closure.blobs(), parallelism, this::copyBlob);
      for (Manifest manifest : closure.manifests()) {
        boolean last = manifest.descriptor().digest().equals(root.digest());
        copyManifest(manifest, last ? tags : List.of());
      }
      return closure;
    }

    void copyReferrers(Closure closure, int depth) {
      for (Manifest manifest : closure.manifests()) {
        Digest subject = manifest.descriptor().digest();
        if (!visited.add(subject)) {
          continue;
        }
        List<Descriptor> found = new ArrayList<>(from.referrers(subject, Optional.empty()));
        found.removeIf(one -> visited.contains(one.digest()));
        for (Descriptor referrer : found) {
          Closure copied = copy(referrer.bare(), List.of());
          copiedReferrers++;
          if (depth < MAX_REFERRER_DEPTH) {
            copyReferrers(copied, depth + 1);
          }
        }
      }
    }

    private void copyManifest(Manifest manifest, Collection<String> tags) {
      Descriptor descriptor = manifest.descriptor();
      boolean present =
          tags.isEmpty()
              ? isAt(descriptor.digest().toString(), descriptor)
              : tags.stream().allMatch(tag -> isAt(tag, descriptor));
      if (present) {
        manifestsPresent++;
      } else {
        to.pushManifest(manifest, tags);
        manifests++;
      }
      progress.finished(descriptor, !present);
    }

    private boolean isAt(String selector, Descriptor descriptor) {
      return to.resolve(selector).filter(d -> d.digest().equals(descriptor.digest())).isPresent();
    }

    private void copyBlob(Descriptor blob) {
      if (to.hasBlob(blob)) {
        blobsPresent.incrementAndGet();
        progress.finished(blob, false);
        return;
      }
      BlobSource source =
          () -> new CountingStream(from.blob(blob), done -> progress.advanced(blob, done));
      if (to instanceof RegistryRepository registry) {
        if (registry.upload(blob, source, mountable(registry))) {
          mounted.incrementAndGet();
          progress.finished(blob, true);
          return;
        }
      } else {
        to.pushBlob(blob, source);
      }
      blobs.incrementAndGet();
      bytes.addAndGet(blob.size());
      progress.finished(blob, true);
    }

    private Optional<Reference> mountable(RegistryRepository target) {
      return from instanceof RegistryRepository source
              && source.reference().registry().equals(target.reference().registry())
          ? Optional.of(source.reference())
          : Optional.empty();
    }

    Result result() {
      return new Result(
          blobs.get(),
          mounted.get(),
          blobsPresent.get(),
          manifests,
          manifestsPresent,
          copiedReferrers,
          bytes.get());
    }
  }
}
