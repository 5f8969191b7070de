package dev.bulla.rules;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an expression may speak of: named facts with their shapes, and pure functions beside the
 * standard ones of CEL.
 *
 * @param variables name to shape
 * @param functions with distinct names
 */
public record Environment(Map<String, Shape> variables, List<PureFunction> functions) {

  public Environment {
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    functions = List.copyOf(functions);
    structs(variables);
    Set<String> names = new LinkedHashSet<>();
    for (PureFunction function : functions) {
      if (!names.add(function.name())) {
        throw new IllegalArgumentException("function " + function.name() + " is declared twice");
      }
    }
  }

  public Environment(Map<String, Shape> variables) {
    this(variables, List.of());
  }

  /** Every struct by name. */
  Map<String, Shape.Struct> structs() {
    return structs(variables);
  }

  /** Every name that an expression could mean: variables, fields, functions. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>(variables.keySet());
    structs().values().forEach(struct -> names.addAll(struct.fields().keySet()));
    functions.forEach(function -> names.add(function.name()));
    return names;
  }

  private static Map<String, Shape.Struct> structs(Map<String, Shape> variables) {
    Map<String, Shape.Struct> found = new LinkedHashMap<>();
    List<Shape> open = new ArrayList<>(variables.values());
    while (!open.isEmpty()) {
      switch (open.removeLast()) {
        case Shape.Scalar _ -> {}
        case Shape.ListOf list -> open.add(list.element());
        case Shape.MapOf map -> open.add(map.value());
        case Shape.Struct struct -> {
          Shape.Struct other = found.put(struct.name(), struct);
          if (other == null) {
            open.addAll(struct.fields().values());
          } else if (!other.equals(struct)) {
            throw new IllegalArgumentException("two different structs are named " + struct.name());
          }
        }
      }
    }
    return found;
  }
}
