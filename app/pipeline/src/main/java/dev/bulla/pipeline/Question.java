package dev.bulla.pipeline;

import dev.bulla.advisory.PackageQuery;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Nearest;
import dev.bulla.graph.Ask;
import dev.bulla.graph.Graph;
import dev.bulla.graph.Page;
import java.util.Arrays;
import java.util.List;

/** What the graph can be asked, by the names that the command line and the native API share. */
public enum Question {
  RELEASES("releases", "", "every release, newest first"),
  RELEASES_WITH(
      "releases-with", "PURL-OR-RANGE", "releases that hold a package, and where it lies"),
  CONTENTS("contents", "RELEASE", "what a release contains and which document says so"),
  EXPOSED_TO("exposed-to", "ID", "releases that a vulnerability affects (any of its names)"),
  FINDINGS("findings", "RELEASE", "vulnerabilities of a release"),
  DIFF("diff", "RELEASE RELEASE", "how two releases differ"),
  EVIDENCE("evidence", "RELEASE", "signed documents of a release and how they were verified"),
  PROVENANCE("provenance", "RELEASE", "how a release was built and from what"),
  REFUSALS("refusals", "", "what was refused, by which rule and why");

  private final String id;
  private final String parameters;
  private final String summary;

  Question(String id, String parameters, String summary) {
    this.id = id;
    this.parameters = parameters;
    this.summary = summary;
  }

  public String id() {
    return id;
  }

  /** Names of the arguments, separated by spaces; empty if it takes none. */
  public String parameters() {
    return parameters;
  }

  public String summary() {
    return summary;
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE} with the nearest name
   */
  public static Question parse(String id) {
    for (Question question : values()) {
      if (question.id.equals(id)) {
        return question;
      }
    }
    List<String> known = Arrays.stream(values()).map(Question::id).toList();
    throw new BullaException(
        ErrorCode.USAGE,
        "'" + Shown.text(id) + "' is not a question",
        Nearest.to(id, known)
            .map(near -> "Did you mean '" + near + "'?")
            .orElse("Questions: " + String.join(", ", known) + "."));
  }

  /**
   * Asks.
   *
   * @throws BullaException {@link ErrorCode#USAGE} if the number of arguments is not that of {@link
   *     #parameters}
   */
  public Page<?> ask(Graph graph, List<String> arguments, Ask ask) {
    int wanted = parameters.isEmpty() ? 0 : parameters.split(" ", -1).length;
    if (arguments.size() != wanted) {
      throw new BullaException(
          ErrorCode.USAGE,
          "%s takes %s, found %d argument(s)"
              .formatted(id, parameters.isEmpty() ? "no argument" : parameters, arguments.size()));
    }
    return switch (this) {
      case RELEASES -> graph.releases(ask);
      case RELEASES_WITH -> graph.releasesWith(PackageQuery.parse(arguments.get(0)), ask);
      case CONTENTS -> graph.contents(arguments.get(0), ask);
      case EXPOSED_TO -> graph.exposedTo(arguments.get(0), ask);
      case FINDINGS -> graph.findings(arguments.get(0), ask);
      case DIFF -> graph.difference(arguments.get(0), arguments.get(1), ask);
      case EVIDENCE -> graph.evidence(arguments.get(0), ask);
      case PROVENANCE -> graph.provenance(arguments.get(0), ask);
      case REFUSALS -> graph.refusals(ask);
    };
  }
}
