package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.registry.replication.PassReport;
import dev.bulla.testkit.FaultProxy;
import dev.bulla.testkit.FaultProxy.Fault;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Replication over a bad line: what each fault leads to, and that the next good pass mends it. */
class ReplicationWireTest {
  private static final String APP = "team/app";
  private static final String WHOLE = "";
  private static final int SMALL = 50_000;
  private static final int LARGE = 1_300_000;

  @TempDir Path homes;
  private final Random random = new Random(7);
  private TrialRegion east;
  private TrialRegion west;
  private Caller home;
  private FaultProxy line;

  @BeforeEach
  void start() {
    east = new TrialRegion("east", homes.resolve("east"));
    west = new TrialRegion("west", homes.resolve("west"));
    west.bind("team/*", "alice");
    home = new Caller(east.address());
    line = FaultProxy.before(east.address());
  }

  @AfterEach
  void stop() throws Exception {
    home.close();
    line.close();
    west.close();
    east.close();
  }

  /**
   * A fault and what comes of it.
   *
   * @param answer the code of the failure of the pass or of what it lacks, or {@link #WHOLE}
   */
  private record Case(String name, int times, String path, Fault fault, String answer) {}

  @Test
  void everyFaultHasItsAnswerAndNothingIsShownThatIsNotWhole() {
    pull(); // an old page of the feed, for whoever repeats it
    String gone = "registry-unavailable";
    List<Case> cases =
        List.of(
            new Case("cut feed", 9, "/_feed?", FaultProxy.cut(50), gone),
            new Case("slow feed", 1, "/_feed?", FaultProxy.delay(30), WHOLE),
            new Case("answer twice", 9, "/_feed?", FaultProxy.twice(), "json-malformed"),
            new Case("mixed", 1, "/_feed?", FaultProxy.entriesMixed(), "replication-forked"),
            new Case("entry twice", 1, "/_feed?", FaultProxy.entryTwice(), "replication-forked"),
            new Case("dropped", 1, "/_feed?", FaultProxy.entryDropped(), "replication-forked"),
            new Case("size in feed", 1, "/_feed?", FaultProxy.entrySize(), "replication-forked"),
            new Case("old feed", 1, "/_feed?", line.old("/_feed?"), "replication-rewound"),
            new Case("cut layer", 4, "/blobs/LAYER", FaultProxy.cut(9_000), WHOLE),
            new Case("changed layer", 1, "/blobs/LAYER", FaultProxy.corrupt(), "lacking"),
            new Case("short layer", 1, "/blobs/LAYER", FaultProxy.shorter(), "lacking"),
            new Case("no layer", 9, "/blobs/LAYER", FaultProxy.status("404 Not Found"), "lacking"),
            new Case("another layer", 9, "/blobs/LAYER", line.old("/blobs/"), "lacking"),
            new Case("evidence", 9, "/manifests/EVIDENCE", FaultProxy.status("404 N"), "lacking"),
            new Case("changed manifest", 9, "/manifests/", FaultProxy.corrupt(), "lacking"),
            new Case("busy", 9, "/blobs/", FaultProxy.status("503 Unavailable"), gone));
    Pushed known = push(SMALL);
    for (Case one : cases) {
      Pushed pushed = one.path.startsWith("/_feed") ? relabel(known) : push(SMALL);
      String path =
          one.path.replace("LAYER", pushed.layer.toString()).replace("EVIDENCE", pushed.evidence);
      line.next(one.times, "GET", path, one.fault);
      assertThat(answer()).as(one.name).isEqualTo(one.answer);
      assertThat(isShown(pushed)).as(one.name).isEqualTo(one.answer.equals(WHOLE));
      line.heal();
      assertThat(answer()).as(one.name + ", afterwards").isEqualTo(WHOLE);
      assertThat(isShown(pushed)).as(one.name + ", afterwards").isTrue();
    }
  }

  @Test
  void whatWasTakenBackGoesEvenIfNothingElseComesThrough() {
    Pushed first = push(SMALL);
    Pushed second = push(SMALL);
    assertThat(answer()).isEqualTo(WHOLE);
    home.call("DELETE", "/v2/" + APP + "/manifests/" + first.digest());
    home.call("DELETE", "/v2/" + APP + "/manifests/" + second.evidence);
    push(SMALL);
    line.next(99, "GET", "/blobs/", FaultProxy.status("503 Unavailable"));
    assertThat(answer()).isEqualTo("registry-unavailable");
    assertThat(west.registry.findManifest(APP, first.digest())).isEmpty();
    assertThat(west.registry.trust().isVisible(APP, second.digest())).isFalse();
  }

  /** The line breaks and stays broken: what arrived is there for the next pass. */
  @Test
  void theRestOfALargeBlobIsAskedForAndABadBeginningIsFetchedOnceMore() {
    record Case(String name, Fault first, List<Fault> later, int requests, String answer) {}
    Fault changed =
        (request, answer) -> {
          byte[] part = FaultProxy.corrupt().instead(request, answer);
          return java.util.Arrays.copyOf(part, part.length - 500_000);
        };
    List<Case> cases =
        List.of(
            new Case("rest", FaultProxy.cut(400_000), List.of(), 1, WHOLE),
            new Case("bad beginning", changed, List.of(), 2, WHOLE),
            new Case(
                "bad twice",
                changed,
                List.of(FaultProxy.delay(0), FaultProxy.corrupt()),
                2,
                "lacking"),
            new Case(
                "other range", FaultProxy.cut(400_000), List.of(FaultProxy.rangeOf(9)), 2, WHOLE));
    for (Case one : cases) {
      Pushed pushed = push(LARGE);
      String path = "/blobs/" + pushed.layer;
      line.next(1, "GET", path, one.first);
      line.next(9, "GET", path, FaultProxy.status("503 Unavailable"));
      assertThat(answer()).as(one.name).isEqualTo("registry-unavailable");
      line.heal();
      int before = line.requests(path).size();
      one.later.forEach(fault -> line.next(1, "GET", path, fault));
      assertThat(answer()).as(one.name).isEqualTo(one.answer);
      List<FaultProxy.Request> asked = line.requests(path);
      assertThat(asked.size() - before).as(one.name).isEqualTo(one.requests);
      assertThat(asked.get(before).range()).as(one.name).matches("[1-9][0-9]{5,}-");
      line.heal();
      answer();
      assertThat(isShown(pushed)).as(one.name).isTrue();
    }
  }

  private record Pushed(ObjectNode image, Digest layer, String evidence, String signer) {
    Digest digest() {
      return Digest.sha256(Json.write(image));
    }
  }

  private Pushed push(int size) {
    byte[] content = new byte[size];
    random.nextBytes(content);
    ObjectNode image = home.image(APP, 1);
    Digest layer = home.push(APP, content);
    image.putArray("layers").add(Caller.descriptor(MediaTypes.OCI_LAYER_GZIP, content));
    home.putManifest(APP, "t" + random.nextInt(3), image);
    Digest evidence = TrialRegion.sign(home, APP, image, "alice");
    return new Pushed(image, layer, evidence.toString(), "alice");
  }

  /** Another image of what is there already, which nobody has signed. */
  private Pushed relabel(Pushed known) {
    ObjectNode image = known.image.deepCopy();
    image.putObject("annotations").put("n", Integer.toString(random.nextInt()));
    home.putManifest(APP, "t" + random.nextInt(3), image);
    return new Pushed(image, known.layer, "", "");
  }

  /** Whether it is here, whole, and shown exactly if it is signed. */
  private boolean isShown(Pushed pushed) {
    boolean here = west.registry.findManifest(APP, pushed.digest()).isPresent();
    if (here) {
      west.registry.blobSize(APP, pushed.layer);
      assertThat(west.registry.trust().isVisible(APP, pushed.digest()))
          .isEqualTo(!pushed.signer.isEmpty());
    }
    return here;
  }

  private PassReport pull() {
    return west.pull(line.address(), "team/*", east.secret());
  }

  private String answer() {
    try {
      PassReport.OfRepository one = pull().repositories().getFirst();
      return one.code().isEmpty() && !one.lacking().isEmpty() ? "lacking" : one.code();
    } catch (BullaException e) {
      return e.code().id();
    }
  }
}
