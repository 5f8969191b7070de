package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.rules.CompiledRule;
import dev.bulla.rules.Rules;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Compiles expressions on first use and keeps the last thousand. Thread-safe. */
final class RuleCompiler {
  private static final int KEPT = 1_000;

  private final Rules rules;
  private final Map<String, CompiledRule<Boolean>> conditions = kept();
  private final Map<String, CompiledRule<String>> texts = kept();
  private final Map<String, CompiledRule<List<Object>>> lists = kept();

  RuleCompiler(Rules rules) {
    this.rules = rules;
  }

  void warm() {
    rules.warm();
  }

  CompiledRule<Boolean> condition(String expression) {
    return conditions.computeIfAbsent(expression, rules::condition);
  }

  CompiledRule<String> text(String expression) {
    return texts.computeIfAbsent(expression, rules::text);
  }

  CompiledRule<List<Object>> list(String expression) {
    return lists.computeIfAbsent(expression, rules::list);
  }

  void check(String bundle, PolicyRule rule) {
    rule.when().ifPresent(text -> check(bundle, rule, "when", text, this::condition));
    check(bundle, rule, "assert", rule.condition(), this::condition);
    rule.message().ifPresent(text -> check(bundle, rule, "message", text, this::text));
    rule.evidence().ifPresent(text -> check(bundle, rule, "evidence", text, this::list));
  }

  private static void check(
      String bundle,
      PolicyRule rule,
      String field,
      String expression,
      Function<String, ?> compile) {
    try {
      Objects.requireNonNull(compile.apply(expression));
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.POLICY_INVALID,
          "policy %s, rule %s, %s: %s".formatted(bundle, rule.id(), field, e.reason()),
          e.nextStep(),
          e);
    }
  }

  private static <T> Map<String, CompiledRule<T>> kept() {
    return Collections.synchronizedMap(
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, CompiledRule<T>> eldest) {
            return size() > KEPT;
          }
        });
  }
}
