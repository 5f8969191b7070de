package dev.bulla.rules;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.cel.common.CelErrorCode;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.Set;
import java.util.function.Function;

/**
 * A checked expression, ready to be evaluated against any facts of its environment. Immutable and
 * thread-safe; an evaluation runs in the caller's thread and never longer than the limits allow.
 *
 * @param <T> Boolean, String or a list
 */
public final class CompiledRule<T> {
  private final String expression;
  private final Set<String> reads;
  private final CelRuntime.Program program;
  private final Limits limits;
  private final Function<Object, Result<T>> reading;

  CompiledRule(
      String expression,
      Set<String> reads,
      CelRuntime.Program program,
      Limits limits,
      Function<Object, Result<T>> reading) {
    this.expression = expression;
    this.reads = Set.copyOf(reads);
    this.program = program;
    this.limits = limits;
    this.reading = reading;
  }

  /**
   * What the expression reads: variables ({@code vulns}) and members of them ({@code
   * vulns.present}).
   */
  public Set<String> reads() {
    return reads;
  }

  public String expression() {
    return expression;
  }

  /** Never throws for anything that the expression or the facts do; the answer is data. */
  public Result<T> evaluate(FactValues facts) {
    Budget budget = new Budget(limits);
    try {
      return ScopedValue.where(Budget.CURRENT, budget).call(() -> run(facts, budget));
    } catch (Budget.Spent e) {
      return new Result.Error<>(Result.Cause.LIMIT, said(e));
    } catch (StackOverflowError e) {
      return new Result.Error<>(Result.Cause.LIMIT, "the evaluation nests too deeply");
    } catch (CelEvaluationException e) {
      return e.getCause() instanceof BullaException missing
          ? badFact(missing)
          : new Result.Error<>(cause(e.getErrorCode()), said(e));
    } catch (BullaException e) {
      return badFact(e);
    } catch (RuntimeException e) {
      return new Result.Error<>(Result.Cause.FAILED, said(e));
    }
  }

  private Result<T> run(FactValues facts, Budget budget) throws CelEvaluationException {
    Object value = program.trace(facts::find, (node, ignored) -> budget.spend(1));
    return reading.apply(value);
  }

  private static <T> Result<T> badFact(BullaException e) {
    Result.Cause cause =
        e.code() == ErrorCode.POLICY_FACT_MISSING ? Result.Cause.MISSING : Result.Cause.FAILED;
    return new Result.Error<>(cause, e.reason());
  }

  private static Result.Cause cause(CelErrorCode code) {
    return switch (code) {
      case ATTRIBUTE_NOT_FOUND, INDEX_OUT_OF_BOUNDS -> Result.Cause.MISSING;
      case ITERATION_BUDGET_EXCEEDED -> Result.Cause.LIMIT;
      case INTERNAL_ERROR,
          DIVIDE_BY_ZERO,
          DUPLICATE_ATTRIBUTE,
          INVALID_ARGUMENT,
          OVERLOAD_NOT_FOUND,
          AMBIGUOUS_OVERLOAD,
          TYPE_NOT_FOUND,
          NUMERIC_OVERFLOW,
          BAD_FORMAT ->
          Result.Cause.FAILED;
    };
  }

  private static String said(Throwable e) {
    String message = e.getMessage();
    return Shown.text(message == null ? e.getClass().getSimpleName() : message);
  }
}
