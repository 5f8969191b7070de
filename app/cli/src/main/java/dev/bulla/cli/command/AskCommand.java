package dev.bulla.cli.command;

import dev.bulla.graph.AnswerText;
import dev.bulla.graph.Ask;
import dev.bulla.graph.Graph;
import dev.bulla.graph.Page;
import dev.bulla.graph.Trust;
import dev.bulla.pipeline.Question;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code bulla ask}: reads the graph of the home, with or without a running server. */
@CommandLine.Command(
    description = "Asks the graph of this home.",
    footer = {
      "",
      "Questions:",
      "  releases                     every release, newest first",
      "  releases-with PURL-OR-RANGE  releases that hold a package, and where it lies",
      "  contents RELEASE             what a release contains and which document says so",
      "  exposed-to ID                releases that a vulnerability affects (any of its names)",
      "  findings RELEASE             vulnerabilities of a release",
      "  diff RELEASE RELEASE         how two releases differ",
      "  evidence RELEASE             signed documents of a release and how they were verified",
      "  provenance RELEASE           how a release was built and from what",
      "  refusals                     what was refused, by which rule and why",
      "",
      "A release is a reference (REGISTRY/REPO:TAG), a digest, or the beginning of a digest.",
      "",
      "Examples:",
      "  bulla ask exposed-to CVE-2021-44228",
      "  bulla ask releases-with pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
      "  bulla ask releases-with 'pkg:maven/org.apache.logging.log4j/log4j-core@>=2.0,<2.15'"
    })
public final class AskCommand extends Command {
  @CommandLine.Parameters(index = "0", paramLabel = "QUESTION", description = "See below.")
  String question = "";

  @CommandLine.Parameters(
      index = "1..*",
      arity = "0..2",
      paramLabel = "ARGUMENT",
      description = "See below.")
  List<String> arguments = List.of();

  @CommandLine.Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Answers per page, 1 to 1000 (default: ${DEFAULT-VALUE}).")
  int limit;

  @CommandLine.Option(
      names = "--after",
      paramLabel = "CURSOR",
      description = "The page that follows; the end of a page names its cursor.")
  @Nullable String after;

  @CommandLine.Option(
      names = "--unverified",
      description = "Look also at documents that nobody signed or checked.")
  boolean unverified;

  @Override
  public int run(Session session) {
    Question asked = Question.parse(question);
    Ask ask =
        new Ask(limit, Optional.ofNullable(after), unverified ? Trust.UNVERIFIED : Trust.VERIFIED);
    try (Graph graph = Graph.openReadOnly(session.home().graph())) {
      Page<?> page = asked.ask(graph, arguments, ask);
      if (session.json()) {
        session.document(page.toJson());
      } else {
        session.print(AnswerText.render(page));
        page.next().ifPresent(cursor -> session.err().println("more: add --after " + cursor));
      }
    }
    return 0;
  }
}
