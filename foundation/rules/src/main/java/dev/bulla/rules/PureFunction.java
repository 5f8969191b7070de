package dev.bulla.rules;

import java.util.List;
import java.util.Objects;

/**
 * A function that expressions may call. The body must depend on its arguments only (no clock,
 * network, files or state), end in time linear in their size, and give a value of {@link #result}.
 *
 * <p>Arguments and results are {@link String}, {@link Long}, {@link Double}, {@link Boolean},
 * {@link List} or {@link java.util.Map}. An {@link IllegalArgumentException} from the body becomes
 * an evaluation error with its message.
 *
 * @param name as called: {@code join(list, ", ")}
 */
public record PureFunction(String name, List<Shape> arguments, Shape result, Body body) {

  /** What a function does. */
  @FunctionalInterface
  public interface Body {
    Object apply(List<Object> arguments);
  }

  public PureFunction {
    arguments = List.copyOf(arguments);
    Objects.requireNonNull(result);
    Objects.requireNonNull(body);
    if (!name.matches("[a-z][A-Za-z0-9]*") || arguments.isEmpty()) {
      throw new IllegalArgumentException("'" + name + "' is no function name, or has no argument");
    }
  }

  /** The identifier under which the runtime finds the body. */
  String overload() {
    return "bulla_" + name;
  }
}
