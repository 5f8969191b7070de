package dev.bulla.registry;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.store.Blobs;
import dev.bulla.store.Records;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Signed summaries of decisions: written once for each image, epoch and decision, as evidence
 * beside the image. They are left out of what the judge reads, and writing one has nothing judged:
 * a registry must not believe itself, nor go round in circles. Thread-safe.
 */
final class Receipts {
  private static final String FIND =
      """
      SELECT t.manifest FROM receipt t JOIN repository r ON r.id = t.repository
       WHERE r.name = ? AND t.subject = ? AND t.epoch = ? AND t.decision = ?\
      """;

  private final Registry registry;
  private final Records records;
  private final InstantSource clock;
  private volatile DecisionSealer sealer = DecisionSealer.NONE;

  Receipts(Registry registry, Records records, InstantSource clock) {
    this.registry = registry;
    this.records = records;
    this.clock = clock;
  }

  void sealBy(DecisionSealer value) {
    sealer = value;
  }

  /** The manifests of all receipts about a manifest. */
  Set<Digest> of(String repository, Digest subject) {
    return new HashSet<>(
        records.read(handle ->
            handle
                .select(
                    "SELECT t.manifest FROM receipt t JOIN repository r ON r.id = t.repository"
                        + " WHERE r.name = ? AND t.subject = ?",
                    repository,
                    subject.toString())
                .mapTo(String.class)
                .map(Digest::parse)
                .list()));
  }

  /** The receipt of a decision, if there is one. */
  Optional<Digest> find(String repository, Digest subject, Admission decision) {
    return records.read(handle ->
        handle
            .select(FIND, repository, subject.toString(), decision.epoch(), nameOf(decision))
            .mapTo(String.class)
            .map(Digest::parse)
            .findOne());
  }

  /** The receipt of a decision, written now if there is none; empty if nobody signs here. */
  synchronized Optional<Digest> write(
      Binding binding,
      String repository,
      StoredManifest manifest,
      Admission decision,
      List<Waiver> waivers) {
    Optional<Digest> known = find(repository, manifest.digest(), decision);
    if (known.isPresent()) {
      return known;
    }
    Descriptor subject =
        new Descriptor(manifest.mediaType(), manifest.digest(), manifest.bytes().length);
    Optional<Digest> written =
        sealer
            .seal(binding, new Writable(registry, repository, manifest), subject, decision, waivers)
            .map(Descriptor::digest);
    written.ifPresent(receipt -> remember(repository, subject.digest(), decision, receipt));
    return written;
  }

  private void remember(String repository, Digest subject, Admission decision, Digest receipt) {
    records.write(handle ->
        handle.execute(
            "INSERT INTO receipt (repository, subject, epoch, decision, manifest, written)"
                + " VALUES (?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (repository, subject, epoch, decision) DO NOTHING",
            Repositories.idOf(handle, repository, clock.instant()),
            subject.toString(),
            decision.epoch(),
            nameOf(decision),
            receipt.toString(),
            clock.millis()));
  }

  private static String nameOf(Admission decision) {
    String via = decision.via().isEmpty() ? "" : " via " + decision.via();
    String waivers = decision.waivers().isEmpty() ? "" : " by " + decision.waivers();
    return decision.state() + via + waivers;
  }

  /** The repository as the sealer sees it: it may add to it. */
  private static final class Writable extends StoredRepository {
    private final Registry registry;

    Writable(Registry registry, String repository, StoredManifest judged) {
      super(registry, repository, judged, Set.of(), List.of());
      this.registry = registry;
    }

    @Override
    public void pushBlob(Descriptor descriptor, BlobSource source) {
      if (hasBlob(descriptor)) {
        return;
      }
      Blobs.Upload upload = registry.beginUpload(name(), descriptor.digest().algorithm());
      try (InputStream in = source.open()) {
        upload.append(OptionalLong.of(0), in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      registry.commit(name(), upload, descriptor.digest());
    }

    @Override
    public void pushManifest(Manifest manifest, Collection<String> tags) {
      registry.pushReceipt(name(), manifest);
    }
  }
}
