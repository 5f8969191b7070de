package dev.bulla.rules;

import dev.cel.common.CelOptions;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.standard.AddOperator.AddOverload;
import dev.cel.runtime.standard.CelStandardOverload;
import dev.cel.runtime.standard.EqualsOperator.EqualsOverload;
import dev.cel.runtime.standard.InOperator.InOverload;
import dev.cel.runtime.standard.NotEqualsOperator.NotEqualsOverload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The CEL runtime with the standard functions, save that those whose cost an expression can
 * multiply are our own and pay from the {@link Budget}: concatenation (a chain of {@code map(x, x +
 * x)} doubles a text at each link) and equality and membership (a chain of {@code map(x, [x, x])}
 * makes a tree that is small in memory and exponential to walk).
 */
final class Interpreter {
  private static final Set<CelStandardOverload> OURS =
      Set.of(
          AddOverload.ADD_STRING,
          AddOverload.ADD_BYTES,
          AddOverload.ADD_LIST,
          EqualsOverload.EQUALS,
          NotEqualsOverload.NOT_EQUALS,
          InOverload.IN_LIST);

  private Interpreter() {}

  static CelRuntime create(CelOptions options, List<PureFunction> functions) {
    List<CelFunctionBinding> bindings = new ArrayList<>();
    bindings.add(
        CelFunctionBinding.from("add_string", String.class, String.class, Interpreter::addText));
    bindings.add(
        CelFunctionBinding.from(
            "add_bytes", CelByteString.class, CelByteString.class, Interpreter::addBytes));
    bindings.add(CelFunctionBinding.from("add_list", List.class, List.class, Interpreter::addList));
    bindings.add(CelFunctionBinding.from("equals", Object.class, Object.class, Equality::same));
    bindings.add(
        CelFunctionBinding.from(
            "not_equals", Object.class, Object.class, (a, b) -> !Equality.same(a, b)));
    bindings.add(CelFunctionBinding.from("in_list", Object.class, List.class, Interpreter::inList));
    for (PureFunction function : functions) {
      bindings.add(binding(function));
    }
    return CelRuntimeFactory.standardCelRuntimeBuilder()
        .setOptions(options)
        .setStandardEnvironmentEnabled(false)
        .setStandardFunctions(standardFunctions())
        .addFunctionBindings(bindings)
        .build();
  }

  private static CelStandardFunctions standardFunctions() {
    return CelStandardFunctions.newBuilder()
        .filterFunctions((function, overload) -> !OURS.contains(overload))
        .build();
  }

  @SuppressWarnings("Immutable") // a body is pure by contract
  private static CelFunctionBinding binding(PureFunction function) {
    List<Class<?>> types = new ArrayList<>();
    for (Shape argument : function.arguments()) {
      types.add(javaType(argument));
    }
    return CelFunctionBinding.from(
        function.overload(), types, arguments -> function.body().apply(List.of(arguments)));
  }

  private static Class<?> javaType(Shape shape) {
    return switch (shape) {
      case Shape.Scalar scalar ->
          switch (scalar) {
            case TEXT -> String.class;
            case WHOLE -> Long.class;
            case REAL -> Double.class;
            case BOOL -> Boolean.class;
            case ANY -> Object.class;
          };
      case Shape.ListOf _ -> List.class;
      case Shape.MapOf _, Shape.Struct _ -> Map.class;
    };
  }

  private static Object addText(String a, String b) {
    long size = (long) a.length() + b.length();
    Budget.CURRENT.get().make(size, size, "text");
    return a.concat(b);
  }

  private static Object addBytes(CelByteString a, CelByteString b) {
    long size = (long) a.size() + b.size();
    Budget.CURRENT.get().make(size, size, "byte string");
    return a.concat(b);
  }

  private static Object addList(List<?> a, List<?> b) {
    return Grown.concatenate(a, b, Budget.CURRENT.get());
  }

  private static Object inList(Object element, List<?> list) {
    for (Object one : list) {
      if (Equality.same(element, one)) {
        return true;
      }
    }
    return false;
  }

  /** What an expression's author would call the type of {@code value}. */
  static String kind(Object value) {
    return switch (value) {
      case Boolean _ -> "bool";
      case String _ -> "string";
      case Long _ -> "int";
      case Double _ -> "double";
      case List<?> _ -> "list";
      case Map<?, ?> _ -> "map";
      default -> value.getClass().getSimpleName();
    };
  }
}
