package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Background;
import dev.bulla.registry.Progress;
import dev.bulla.store.Actor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Long work that was asked for over HTTP: who asked gets a number and asks again how far it is. The
 * last {@value #KEPT} are remembered, in this process only. Thread-safe.
 */
final class UpkeepJobs {
  private static final int KEPT = 50;

  private final Background background;
  private final Map<Long, Job> jobs = new LinkedHashMap<>();
  private long last;

  UpkeepJobs(Background background) {
    this.background = background;
  }

  /** Starts {@code work} on a thread of its own. */
  synchronized Job start(String kind, Function<Progress, ObjectNode> work) {
    Job job = new Job(++last, kind);
    jobs.put(job.id, job);
    while (jobs.size() > KEPT) {
      jobs.remove(jobs.keySet().iterator().next());
    }
    Actor actor = Actor.current();
    background.start(
        "upkeep-" + kind,
        () ->
            actor.call(() -> {
              job.run(work);
              return 0;
            }));
    return job;
  }

  synchronized Optional<Job> find(long id) {
    return Optional.ofNullable(jobs.get(id));
  }

  synchronized List<Job> ofKind(String kind) {
    return jobs.values().stream().filter(job -> job.kind.equals(kind)).toList();
  }

  /** One of them. */
  static final class Job {
    private final long id;
    private final String kind;
    private String stage = "begun";
    private long done;
    private long total;
    private @Nullable ObjectNode result;
    private @Nullable BullaException failure;

    private Job(long id, String kind) {
      this.id = id;
      this.kind = kind;
    }

    long id() {
      return id;
    }

    private void run(Function<Progress, ObjectNode> work) {
      try {
        ObjectNode finished = work.apply(this::at);
        synchronized (this) {
          result = finished;
        }
      } catch (BullaException e) {
        fail(e);
      } catch (RuntimeException | Error e) {
        System.getLogger("bulla.registry").log(System.Logger.Level.ERROR, kind + " failed", e);
        fail(new BullaException(ErrorCode.INTERNAL, kind + " failed: " + e, e));
      }
    }

    private synchronized void at(String newStage, long newDone, long newTotal) {
      stage = newStage;
      done = newDone;
      total = newTotal;
    }

    private synchronized void fail(BullaException e) {
      failure = e;
    }

    synchronized ObjectNode toJson() {
      ObjectNode node = Json.object().put("id", id).put("kind", kind);
      node.put("state", result != null ? "done" : failure != null ? "failed" : "running");
      node.put("stage", stage).put("done", done).put("total", total);
      if (result != null) {
        node.set("result", result);
      }
      if (failure != null) {
        node.putObject("error")
            .put("code", failure.code().id())
            .put("message", failure.reason())
            .put("nextStep", failure.nextStep());
      }
      return node;
    }
  }
}
