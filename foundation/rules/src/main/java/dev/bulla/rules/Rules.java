package dev.bulla.rules;

import com.google.common.collect.ImmutableList;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.core.json.Nearest;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The compiler of one environment: CEL text in, checked rules out.
 *
 * <p>The language is CEL with its standard functions and macros over the declared facts and pure
 * functions; no clock, no network, no state, no unbounded loop. Building compiler and interpreter
 * loads several hundred classes (0.3 s cold, next to nothing from an AOT cache), so both are made
 * on first use and shared; {@link #warm} does it early. Thread-safe.
 */
public final class Rules {
  private static final Pattern NAME_IN_ISSUE =
      Pattern.compile("(?:undefined field|undeclared reference to) '([^']{1,100})'");

  private final Environment environment;
  private final Limits limits;
  private final CelOptions options;
  private final Supplier<CelCompiler> compiler;
  private final Supplier<CelRuntime> runtime;

  public Rules(Environment environment, Limits limits) {
    this.environment = environment;
    this.limits = limits;
    this.options =
        CelOptions.current()
            .maxExpressionCodePointSize(limits.characters())
            .maxParseExpressionNodeCount(limits.nodes())
            .maxParseRecursionDepth(60)
            .maxRegexProgramSize(2_000)
            .comprehensionMaxIterations(limits.iterations())
            .enableHeterogeneousNumericComparisons(true)
            .populateMacroCalls(false)
            .build();
    this.compiler = Once.of(this::newCompiler);
    this.runtime = Once.of(() -> Interpreter.create(options, environment.functions()));
  }

  /**
   * Loads what the first compilation and evaluation need; safe to call from any thread, at any
   * time, repeatedly.
   */
  public void warm() {
    Thread beside = Thread.ofPlatform().daemon().start(() -> Objects.requireNonNull(runtime.get()));
    CompiledRule<Boolean> rule = condition("['a'].exists(x, x == 'a')");
    rule.evaluate(FactValues.of(Json.object()));
    try {
      beside.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A condition.
   *
   * @throws BullaException {@link ErrorCode#POLICY_INVALID} if the expression is malformed, too
   *     large, speaks of undeclared facts or is not of type bool
   */
  public CompiledRule<Boolean> condition(String expression) {
    return compile(expression, CelKind.BOOL, "a condition (true or false)", Boolean.class);
  }

  /** A text, such as a message; errors as {@link #condition}. */
  public CompiledRule<String> text(String expression) {
    return compile(expression, CelKind.STRING, "a text", String.class);
  }

  /** A list of strings, whole numbers, maps, …; errors as {@link #condition}. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public CompiledRule<List<Object>> list(String expression) {
    return (CompiledRule) compile(expression, CelKind.LIST, "a list", List.class);
  }

  private <T> CompiledRule<T> compile(String expression, CelKind kind, String what, Class<T> type) {
    CelAbstractSyntaxTree ast = check(expression);
    CelType result = ast.getResultType();
    if (result.kind() != kind && result.kind() != CelKind.DYN) {
      throw new BullaException(
          ErrorCode.POLICY_INVALID,
          "expression '%s' is of type %s, expected %s"
              .formatted(Shown.text(expression), result.name(), what));
    }
    Function<Object, Result<T>> reading =
        value ->
            type.isInstance(value)
                ? new Result.Value<>(type.cast(value))
                : new Result.Error<>(
                    Result.Cause.FAILED,
                    "the expression gave a %s, expected %s"
                        .formatted(Interpreter.kind(value), what));
    try {
      return new CompiledRule<>(
          expression,
          Reads.of(ast, environment),
          runtime.get().createProgram(ast),
          limits,
          reading);
    } catch (CelEvaluationException e) {
      throw new BullaException(
          ErrorCode.POLICY_INVALID,
          "expression '%s' cannot be prepared: %s"
              .formatted(Shown.text(expression), e.getMessage()),
          e);
    }
  }

  private CelAbstractSyntaxTree check(String expression) {
    if (expression.isBlank() || expression.length() > limits.characters()) {
      throw new BullaException(
          ErrorCode.POLICY_INVALID,
          "an expression has %d characters, expected 1 to %d"
              .formatted(expression.length(), limits.characters()));
    }
    try {
      CelValidationResult checked = compiler.get().compile(expression);
      if (checked.hasError()) {
        throw invalid(expression, checked.getErrors());
      }
      return checked.getAst();
    } catch (CelValidationException e) {
      throw invalid(expression, List.copyOf(e.getErrors()));
    } catch (StackOverflowError e) {
      throw new BullaException(
          ErrorCode.POLICY_INVALID,
          "expression '%s' nests too deeply".formatted(Shown.text(expression)));
    }
  }

  private BullaException invalid(String expression, List<CelIssue> issues) {
    String said = issues.isEmpty() ? "not a CEL expression" : issues.getFirst().getMessage();
    int column = issues.isEmpty() ? 0 : issues.getFirst().getSourceLocation().getColumn();
    Matcher name = NAME_IN_ISSUE.matcher(said);
    String hint =
        name.find()
            ? Nearest.to(name.group(1), environment.names())
                .map(near -> "Did you mean '" + near + "'?")
                .orElse("Known facts: " + String.join(", ", environment.variables().keySet()) + ".")
            : "";
    return new BullaException(
        ErrorCode.POLICY_INVALID,
        "expression '%s', column %d: %s"
            .formatted(Shown.text(expression), column + 1, Shown.text(said)),
        hint);
  }

  private CelCompiler newCompiler() {
    FactTypes types = new FactTypes(environment);
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(options)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setTypeProvider(types);
    environment.variables().forEach((name, shape) -> builder.addVar(name, types.of(shape)));
    for (PureFunction function : environment.functions()) {
      builder.addFunctionDeclarations(declaration(function, types));
    }
    return builder.build();
  }

  private static CelFunctionDecl declaration(PureFunction function, FactTypes types) {
    ImmutableList<CelType> arguments =
        function.arguments().stream().map(types::of).collect(ImmutableList.toImmutableList());
    return CelFunctionDecl.newFunctionDeclaration(
        function.name(),
        CelOverloadDecl.newGlobalOverload(
            function.overload(), types.of(function.result()), arguments));
  }
}
