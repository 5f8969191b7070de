package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.verdict.Evidence;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.RuleResult.Outcome;
import dev.bulla.rules.CompiledRule;
import dev.bulla.rules.FactValues;
import dev.bulla.rules.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/** Judges the rules of one bundle over one facts document. */
final class RuleEvaluation {
  private static final int MAX_EVIDENCE = 50;
  private static final int MAX_MESSAGE = 4_000;

  private final RuleCompiler compiler;
  private final Phase phase;
  private final ObjectNode document;
  private final FactValues facts;

  RuleEvaluation(RuleCompiler compiler, Phase phase, ObjectNode document, FactValues facts) {
    this.compiler = compiler;
    this.phase = phase;
    this.document = document;
    this.facts = facts;
  }

  /** Never throws for what a rule or the facts hold. */
  RuleResult judge(PolicyRule rule) {
    try {
      return decide(rule);
    } catch (BullaException e) {
      return error(rule, ErrorCode.POLICY_EVALUATION, e.reason(), Set.of());
    }
  }

  private RuleResult decide(PolicyRule rule) {
    Set<String> reads = new HashSet<>(compiler.condition(rule.condition()).reads());
    rule.when().ifPresent(when -> reads.addAll(compiler.condition(when).reads()));
    Set<Section> sections = sections(reads);
    Optional<Section> elsewhere =
        sections.stream().filter(section -> !phase.sections().contains(section)).findFirst();
    if (elsewhere.isPresent()) {
      return notApplicable(
          rule, "there is no %s in phase %s".formatted(elsewhere.get().id(), phase.id()));
    }
    if (rule.when().isPresent()) {
      switch (compiler.condition(rule.when().get()).evaluate(facts)) {
        case Result.Error<Boolean>(Result.Cause cause, String message) -> {
          return error(rule, code(cause), "its condition 'when': " + message, sections);
        }
        case Result.Value<Boolean>(Boolean holds) -> {
          if (!holds) {
            return notApplicable(rule, rule.when().get() + " does not hold");
          }
        }
      }
    }
    Optional<Section> missing =
        sections.stream().filter(section -> isMissing(section, reads)).findFirst();
    if (missing.isPresent()) {
      return error(rule, ErrorCode.POLICY_FACT_MISSING, missing(missing.get()), sections);
    }
    return asserted(rule, sections);
  }

  private RuleResult asserted(PolicyRule rule, Set<Section> sections) {
    return switch (compiler.condition(rule.condition()).evaluate(facts)) {
      case Result.Error<Boolean>(Result.Cause cause, String message) ->
          error(rule, code(cause), message, sections);
      case Result.Value<Boolean>(Boolean holds) ->
          holds
              ? new RuleResult(rule.id(), Outcome.PASS, "", rule.title(), "", documents(sections))
              : failed(rule, sections);
    };
  }

  private RuleResult failed(PolicyRule rule, Set<Section> sections) {
    List<Evidence> evidence = new ArrayList<>(documents(sections));
    rule.evidence().ifPresent(list -> evidence.addAll(named(list)));
    Outcome outcome = rule.action() == PolicyRule.Action.WARN ? Outcome.WARN : Outcome.FAIL;
    return new RuleResult(
        rule.id(), outcome, rule.code(), message(rule), rule.remediation(), evidence);
  }

  /** A message that cannot be made does not change the outcome. */
  private String message(PolicyRule rule) {
    if (rule.message().isEmpty()) {
      return rule.title() + ": not so (" + Shown.text(rule.condition()) + ")";
    }
    return switch (text(rule.message().get())) {
      case Result.Value<String>(String said) ->
          said.length() > MAX_MESSAGE ? said.substring(0, MAX_MESSAGE) + "…" : said;
      case Result.Error<String>(Result.Cause _, String why) ->
          rule.title() + ": not so; its message could not be made: " + why;
    };
  }

  private Result<String> text(String expression) {
    try {
      return compiler.text(expression).evaluate(facts);
    } catch (BullaException e) {
      return new Result.Error<>(Result.Cause.FAILED, e.reason());
    }
  }

  private List<Evidence> named(String expression) {
    CompiledRule<List<Object>> compiled;
    try {
      compiled = compiler.list(expression);
    } catch (BullaException e) {
      return List.of(new Evidence("problem", Optional.empty(), e.reason()));
    }
    return switch (compiled.evaluate(facts)) {
      case Result.Error<List<Object>>(Result.Cause _, String why) ->
          List.of(
              new Evidence("problem", Optional.empty(), "evidence could not be listed: " + why));
      case Result.Value<List<Object>>(List<Object> all) ->
          all.stream().limit(MAX_EVIDENCE).map(RuleEvaluation::evidence).toList();
    };
  }

  private static Evidence evidence(Object one) {
    if (one instanceof Map<?, ?> map) {
      return new Evidence(
          shown(map, "kind", "fact"), digest(shown(map, "digest", "")), shown(map, "detail", ""));
    }
    return new Evidence("fact", Optional.empty(), cut(String.valueOf(one)));
  }

  private static String shown(Map<?, ?> map, String key, String otherwise) {
    return map.get(key) instanceof String text ? cut(text) : otherwise;
  }

  private static String cut(String text) {
    return text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) + "…" : text;
  }

  /** The documents behind the sections that a rule reads. */
  private List<Evidence> documents(Set<Section> sections) {
    List<Evidence> all = new ArrayList<>();
    for (Section section : sections) {
      digest(document.path(section.id()).path("evidence").asString(""))
          .ifPresent(digest ->
              all.add(
                  new Evidence(
                      section.id(),
                      Optional.of(digest),
                      document.path(section.id()).path("authority").asString(""))));
    }
    return all;
  }

  private static Optional<Digest> digest(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(text));
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  private static Set<Section> sections(Set<String> reads) {
    Set<Section> found = new TreeSet<>();
    reads.forEach(name -> Section.find(name).ifPresent(found::add));
    return found;
  }

  /** Absent, and the rule does not ask whether it is there. */
  private boolean isMissing(Section section, Set<String> reads) {
    return section.hasPresence()
        && !reads.contains(section.id() + ".present")
        && !document.path(section.id()).path("present").asBoolean(false);
  }

  private String missing(Section section) {
    String problem = document.path(section.id()).path("problem").asString("");
    String what =
        switch (section) {
          case TEMPLATE -> "template";
          case SUBJECT -> "image";
          case SIGNATURES -> "signature";
          case ATTESTATIONS -> "attestation";
          case PROVENANCE -> "verified provenance statement";
          case SBOM -> "verified SBOM statement";
          case VULNS -> "verified vulnerability scan statement";
        };
    return "the rule reads '%s', but there is no %s%s"
        .formatted(section.id(), what, problem.isEmpty() ? "" : " that can be read: " + problem);
  }

  private static ErrorCode code(Result.Cause cause) {
    return switch (cause) {
      case MISSING -> ErrorCode.POLICY_FACT_MISSING;
      case LIMIT, FAILED -> ErrorCode.POLICY_EVALUATION;
    };
  }

  private RuleResult error(PolicyRule rule, ErrorCode code, String why, Set<Section> sections) {
    return new RuleResult(
        rule.id(),
        Outcome.ERROR,
        code.id(),
        "could not be decided: " + why,
        code == ErrorCode.POLICY_FACT_MISSING
            ? "Provide the evidence, or let the rule ask for its presence."
            : "Repair the rule; until then it refuses.",
        documents(sections));
  }

  private static RuleResult notApplicable(PolicyRule rule, String why) {
    return new RuleResult(
        rule.id(), Outcome.NOT_APPLICABLE, "", "does not apply: " + why, "", List.of());
  }
}
