package dev.bulla.graph;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.PackageQuery;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.graph.Answer.Content;
import dev.bulla.graph.Answer.Difference;
import dev.bulla.graph.Answer.Evidence;
import dev.bulla.graph.Answer.Exposure;
import dev.bulla.graph.Answer.Provenance;
import dev.bulla.graph.Answer.Refusal;
import dev.bulla.graph.Answer.Release;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The knowledge graph: what was released, what is inside, who says so, and what today's advisories
 * mean for it.
 *
 * <p>{@code graph.db} holds nothing that could not be read again from the evidence; losing it loses
 * time, not knowledge. Every fact hangs on the document that states it and every document on its
 * newest verification, so a question looks only at what is believed ({@link Ask#minTrust}). One
 * instance may be used by many threads; writes follow one another, readers never wait for them.
 */
public final class Graph implements AutoCloseable {
  private final GraphDatabase database;
  private final AtomicReference<@Nullable AdvisorySet> advisories = new AtomicReference<>();

  private Graph(GraphDatabase database) {
    this.database = database;
  }

  /**
   * Opens for reading and writing; creates the file and brings its schema up to date.
   *
   * @throws dev.bulla.core.BullaException {@code STORE_CORRUPT} if the file is damaged or something
   *     else
   */
  public static Graph open(Path graphDb) {
    return new Graph(GraphDatabase.open(graphDb));
  }

  /**
   * Opens for questions only: takes no lock, changes no schema, works while a server writes. A file
   * that does not exist gives empty answers that say so.
   */
  public static Graph openReadOnly(Path graphDb) {
    return new Graph(GraphDatabase.openReadOnly(graphDb));
  }

  /**
   * Records a release, or a refused image, in one transaction; the same record again changes
   * nothing.
   */
  public void record(ReleaseRecord release) {
    database.write(sql -> {
      new ReleaseWriter(sql).write(release);
      return true;
    });
    AdvisorySet current = advisories.get();
    if (current != null
        && database.read(sql -> new CurrentAdvisories(sql, current).pending()).orElse(false)) {
      // apart from the release: advisories that cannot be read must not lose it
      database.write(sql -> {
        new CurrentAdvisories(sql, current).judgeNew();
        return true;
      });
    }
  }

  /**
   * Makes {@code set} the advisories of today: every package version ever recorded is judged by it,
   * and those that this instance records later as well. The same set again judges only what came
   * since. The caller keeps {@code set} open as long as this graph is.
   */
  public void importAdvisories(AdvisorySet set) {
    database.write(sql -> {
      new CurrentAdvisories(sql, set).use();
      return true;
    });
    advisories.set(set);
  }

  /** Records a decision that was taken before there was an image. */
  public void record(Verdict verdict) {
    database.write(sql -> {
      new ReleaseWriter(sql).decision(verdict);
      return true;
    });
  }

  /** What was shipped, newest first. */
  public Page<Release> releases(Ask ask) {
    return ask(sql -> new RecordQuestions(sql, ask).releases());
  }

  /**
   * The releases that hold a package, newest first, with the places where it lies; refused images
   * last, marked.
   *
   * @param packages one version, a range, or every version of a name
   */
  public Page<Content> releasesWith(PackageQuery packages, Ask ask) {
    return ask(sql -> new ContentQuestions(sql, ask).holders(packages));
  }

  /**
   * What a release contains, where it lies and which documents say so.
   *
   * @param release name, digest or the beginning of a digest
   */
  public Page<Content> contents(String release, Ask ask) {
    return ask(sql -> new ContentQuestions(sql, ask).contents(release));
  }

  /**
   * The releases that a vulnerability affects, by any of its names; refused images last, marked.
   */
  public Page<Exposure> exposedTo(String vulnerability, Ask ask) {
    return ask(sql -> new ExposureQuestions(sql, ask).exposedTo(vulnerability));
  }

  /** The vulnerabilities of a release. */
  public Page<Exposure> findings(String release, Ask ask) {
    return ask(sql -> new ExposureQuestions(sql, ask).findings(release));
  }

  public Page<Difference> difference(String before, String after, Ask ask) {
    return ask(sql -> new DifferenceQuestion(sql, ask).between(before, after));
  }

  /** Every document about a release with what verification made of it, whatever its trust. */
  public Page<Evidence> evidence(String release, Ask ask) {
    return ask(sql -> new RecordQuestions(sql, ask).evidence(release));
  }

  public Page<Provenance> provenance(String release, Ask ask) {
    return ask(sql -> new RecordQuestions(sql, ask).provenance(release));
  }

  /** Verdicts that refused, newest first, with all their rules. */
  public Page<Refusal> refusals(Ask ask) {
    return ask(sql -> new RecordQuestions(sql, ask).refusals());
  }

  private <T extends Answer> Page<T> ask(Function<Sql, Page<T>> question) {
    return database
        .read(question)
        .orElseGet(() ->
            Page.empty("There is no knowledge graph yet; 'bulla ship' records the first release."));
  }

  @Override
  public void close() {
    database.close();
  }
}
