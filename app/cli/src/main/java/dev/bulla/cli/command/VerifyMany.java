package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Verifies many images, some at the same time, and tells each in the order in which it was named.
 *
 * <p>One that cannot be judged does not end the run. The exit code is the worst of all: 3 (refused)
 * before 4 (out of reach) before 1 (failed) before 2 (usage) before 0.
 */
final class VerifyMany {
  private static final List<Integer> WORST_FIRST = List.of(3, 4, 1, 2, 0);

  private final Session session;
  private final int parallelism;
  private final boolean verbose;
  private final List<Integer> codes = new ArrayList<>();
  private int verified;
  private int refused;
  private int failed;

  /** What was found about one image. */
  record Answer(Verification verification, String human, ObjectNode json) {}

  /** How one image is verified. */
  @FunctionalInterface
  interface One {
    Answer verify(String reference);
  }

  VerifyMany(Session session, int parallelism, boolean verbose) {
    this.session = session;
    this.parallelism = parallelism;
    this.verbose = verbose;
  }

  int run(ReferenceOptions.Asked asked, One one) {
    ObjectNode document = Json.object();
    ArrayNode array = Json.array();
    Semaphore permits = new Semaphore(parallelism);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, Future<Answer>> started = new java.util.LinkedHashMap<>();
      for (String reference : asked.references().keySet()) {
        started.put(
            reference,
            threads.submit(() -> {
              permits.acquire();
              try {
                return one.verify(reference);
              } finally {
                permits.release();
              }
            }));
      }
      try {
        for (Map.Entry<String, Future<Answer>> entry : started.entrySet()) {
          ObjectNode node = tell(entry.getKey(), entry.getValue());
          from(node, asked.references().getOrDefault(entry.getKey(), List.of()));
          array.add(node);
        }
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        throw new BullaException(ErrorCode.REGISTRY_UNAVAILABLE, "interrupted", e);
      }
    }
    tell(asked.manifests());
    int code = WORST_FIRST.stream().filter(codes::contains).findFirst().orElse(0);
    document.put("verified", code == 0);
    document.put("exitCode", code);
    summary(document.putObject("summary"), asked);
    document.set("references", array);
    manifests(document, asked.manifests());
    session.document(document);
    return code;
  }

  private ObjectNode tell(String reference, Future<Answer> future) throws InterruptedException {
    try {
      Answer answer = future.get();
      Optional<Verification.Failure> failure = answer.verification().failure();
      if (failure.isEmpty()) {
        verified++;
      } else {
        refused++;
        codes.add(ErrorCode.SIGNATURE_INVALID.exitCode());
      }
      session.text().print(verbose ? answer.human() : line(reference, answer.verification()));
      return answer.json();
    } catch (ExecutionException e) {
      failed++;
      return cannot(reference, told(e));
    }
  }

  private static BullaException told(ExecutionException e) {
    if (e.getCause() instanceof OutOfMemoryError error) {
      throw error;
    }
    return e.getCause() instanceof BullaException own
        ? own
        : new BullaException(ErrorCode.INTERNAL, String.valueOf(e.getCause()), e);
  }

  private static String line(String reference, Verification verification) {
    String subject =
        Shown.text(reference.replaceFirst("@.*", "")) + "@" + verification.subject().digest();
    return verification
        .failure()
        .map(failure ->
            "REFUSED  %s  [%s] %s%n".formatted(subject, failure.code().id(), failure.reason()))
        .orElseGet(() ->
            "VERIFIED %s%s%n"
                .formatted(
                    subject,
                    verification.note().isEmpty() ? "" : "  note: " + verification.note()));
  }

  private ObjectNode cannot(String reference, BullaException e) {
    codes.add(e.code().exitCode());
    session
        .text()
        .printf("FAILED   %s  [%s] %s%n", Shown.text(reference), e.code().id(), e.reason());
    ObjectNode node = Json.object();
    node.put("reference", reference);
    node.put("verified", false);
    ObjectNode error = node.putObject("error");
    error.put("code", e.code().id());
    error.put("message", e.reason());
    if (!e.nextStep().isEmpty()) {
      error.put("nextStep", e.nextStep());
    }
    return node;
  }

  private static void from(ObjectNode node, List<String> places) {
    if (!places.isEmpty()) {
      ArrayNode array = node.putArray("from");
      places.forEach(array::add);
    }
  }

  private void tell(KubernetesImages manifests) {
    for (KubernetesImages.Problem problem : manifests.problems()) {
      codes.add(problem.code().exitCode());
      session
          .text()
          .printf("PROBLEM  %s  [%s] %s%n", problem.where(), problem.code().id(), problem.reason());
    }
    manifests.withoutImages().forEach(one -> session.text().printf("NO IMAGE %s%n", one));
  }

  private void summary(ObjectNode node, ReferenceOptions.Asked asked) {
    int problems = asked.manifests().problems().size();
    session
        .text()
        .printf(
            "%d reference%s: %d verified, %d refused, %d could not be judged%s%s%n",
            asked.references().size(),
            asked.references().size() == 1 ? "" : "s",
            verified,
            refused,
            failed,
            asked.repeated() == 0 ? "" : "; named again: " + asked.repeated(),
            problems == 0 ? "" : "; problems in manifests: " + problems);
    node.put("references", asked.references().size());
    node.put("verified", verified);
    node.put("refused", refused);
    node.put("failed", failed);
    node.put("repeated", asked.repeated());
    node.put("problems", problems);
  }

  private static void manifests(ObjectNode document, KubernetesImages manifests) {
    if (manifests.problems().isEmpty() && manifests.withoutImages().isEmpty()) {
      return;
    }
    ArrayNode problems = document.putArray("problems");
    for (KubernetesImages.Problem problem : manifests.problems()) {
      problems
          .addObject()
          .put("where", problem.where())
          .put("code", problem.code().id())
          .put("reason", problem.reason());
    }
    ArrayNode without = document.putArray("withoutImages");
    manifests.withoutImages().forEach(without::add);
  }
}
