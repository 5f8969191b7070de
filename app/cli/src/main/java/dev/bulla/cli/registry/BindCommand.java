package dev.bulla.cli.registry;

import dev.bulla.cli.command.HomeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.pipeline.ServerClient;
import dev.bulla.registry.Registry;
import dev.bulla.registry.http.BindingWork;
import dev.bulla.server.BindingRevocation;
import dev.bulla.server.PolicyDocument;
import dev.bulla.server.TrustDocument;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla registry bind}: which trust policy decides what readers may see. */
@CommandLine.Command(
    description = {
      "Binds repositories to a trust policy. In the mode enforce, readers get what the policy",
      "accepts and nothing else: tags move when the evidence is there, and what is not accepted",
      "any longer is refused. The policy and the files it names are copied into the registry.",
      "Without a pattern, lists the bindings."
    },
    footer = {
      "",
      "Examples:",
      "  bulla registry bind 'team/*' --trust trust.yaml --mode audit",
      "  bulla registry bind 'team/*' --trust trust.yaml --mode enforce --dry-run",
      "  bulla registry bind 'team/*' --trust trust.yaml --policy gate.yaml --mode enforce",
      "  bulla registry bind 'prod/**' --trust trust.yaml --mode enforce --unsigned-push refuse",
      "",
      "--dry-run lists the images whose state would change."
    })
public final class BindCommand extends HomeCommand {
  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REPO-GLOB",
      description = "Repositories without host; * is any part of a name, ** also slashes.")
  @Nullable String glob;

  @CommandLine.Option(
      names = "--trust",
      paramLabel = "FILE",
      description = "The trust policy (docs/trust-policy.md).")
  @Nullable String trust;

  @CommandLine.Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "What must hold of what is believed: a policy bundle, in its phase deploy"
              + " (docs/policy.md).")
  @Nullable String policy;

  @CommandLine.Option(
      names = "--crl",
      paramLabel = "FILE",
      description = "A certificate revocation list to judge by; repeatable.")
  List<String> lists = List.of();

  @CommandLine.Option(
      names = "--ocsp-response",
      paramLabel = "FILE",
      description = "An OCSP response to judge by; repeatable.")
  List<String> responses = List.of();

  @CommandLine.Option(
      names = "--online-revocation",
      description = "Ask those whom the certificates name whether they were revoked.")
  boolean online;

  @CommandLine.Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "open, audit or enforce (default: enforce).")
  @Nullable String mode;

  @CommandLine.Option(
      names = "--unsigned-push",
      paramLabel = "pend|refuse",
      defaultValue = "pend",
      description =
          "What becomes of a push by tag before its evidence: it waits, or it is refused (default:"
              + " ${DEFAULT-VALUE}).")
  String unsignedPush = "pend";

  @CommandLine.Option(
      names = "--hide",
      description = "Tell readers 'not found' instead of what is missing.")
  boolean hide;

  @CommandLine.Option(
      names = "--name",
      paramLabel = "HOST[:PORT]",
      defaultValue = "localhost",
      description = "This registry's name in the scopes of the policy (default: ${DEFAULT-VALUE}).")
  String name = "localhost";

  @CommandLine.Option(
      names = "--dry-run",
      description = "Change nothing; list the images whose state would change.")
  boolean dryRun;

  @Override
  public int run(Session session) {
    if (glob == null) {
      requireNothingToBind();
      return list(session);
    }
    if (trust == null) {
      throw new BullaException(ErrorCode.USAGE, "bind needs a trust policy", "Give --trust FILE.");
    }
    String chosen = mode == null ? "enforce" : mode;
    byte[] document =
        TrustDocument.collect(
                session.existing(trust),
                BindingRevocation.of(
                    existing(session, lists), existing(session, responses), online))
            .bytes();
    ObjectNode request = Json.object().put("glob", glob).put("mode", chosen);
    request.put("unsignedPush", unsignedPush).put("hide", hide).put("name", name);
    request.put("trust", new String(document, StandardCharsets.UTF_8)).put("dryRun", dryRun);
    if (policy != null) {
      byte[] bundle = PolicyDocument.collect(session.existing(policy)).bytes();
      request.put("policy", new String(bundle, StandardCharsets.UTF_8));
    }
    BindingWork.binding(request); // a mistake is told before anybody is asked
    ObjectNode first = (ObjectNode) ask(session, request);
    ObjectNode bound =
        dryRun
            ? TrustChanges.all(first, place -> ask(session, request.put("after", place)))
            : first;
    TrustChanges.print(session, bound);
    session
        .text()
        .printf(
            "%s %s to %s, mode %s: %s%d images change.%n",
            dryRun ? "Would bind" : "Bound",
            glob,
            trust,
            chosen,
            bound.has("next") ? "more than " : "",
            bound.path("changes").size());
    session.document(bound);
    return 0;
  }

  /** Who forgot the pattern is not shown a list instead. */
  private void requireNothingToBind() {
    boolean nothing =
        trust == null
            && policy == null
            && lists.isEmpty()
            && responses.isEmpty()
            && !online
            && !hide
            && !dryRun
            && mode == null
            && unsignedPush.equals("pend")
            && name.equals("localhost");
    if (!nothing) {
      throw new BullaException(
          ErrorCode.USAGE,
          "bind does not know which repositories are meant",
          "Give their pattern, for example 'team/*'; without any option, bind lists the bindings.");
    }
  }

  private JsonNode ask(Session session, ObjectNode request) {
    Function<ServerClient, JsonNode> server = client -> client.post("/v1/registry/bind", request);
    Function<Registry, JsonNode> direct =
        registry ->
            BindingWork.bind(
                registry, BindingWork.binding(request), dryRun, request.path("after").asString(""));
    return dryRun ? HomeWork.ask(session, server, direct) : HomeWork.make(session, server, direct);
  }

  private static List<Path> existing(Session session, List<String> files) {
    return files.stream().map(session::existing).toList();
  }

  private static int list(Session session) {
    JsonNode bindings =
        HomeWork.ask(
            session, server -> server.get("/v1/registry/bindings"), BindingWork::describeBindings);
    for (JsonNode one : bindings.path("bindings")) {
      session
          .text()
          .printf(
              "%-30s %-8s unsigned push: %s, name: %s%s%s%n",
              one.path("glob").asString(""),
              one.path("mode").asString(""),
              one.path("unsignedPush").asString(""),
              one.path("name").asString(""),
              one.path("policy").asBoolean(false) ? ", with a policy" : "",
              one.path("hide").asBoolean(false) ? ", hidden" : "");
    }
    session.document(bindings);
    return 0;
  }
}
