package dev.bulla.rules;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The type of a fact, as an expression may use it. Expressions are checked against shapes when they
 * are compiled, so that a misspelt fact is found before anything is judged.
 */
public sealed interface Shape {
  Shape TEXT = Scalar.TEXT;
  Shape WHOLE = Scalar.WHOLE;
  Shape REAL = Scalar.REAL;
  Shape BOOL = Scalar.BOOL;

  /** Anything; checked only while evaluating. */
  Shape ANY = Scalar.ANY;

  /** A value without parts. */
  enum Scalar implements Shape {
    TEXT,
    /** 64-bit signed integer. */
    WHOLE,
    /** 64-bit floating point. */
    REAL,
    BOOL,
    ANY
  }

  /** A list whose elements all have one shape. */
  record ListOf(Shape element) implements Shape {
    public ListOf {
      Objects.requireNonNull(element);
    }
  }

  /** A map from any text to one shape; reading an absent key is an evaluation error. */
  record MapOf(Shape value) implements Shape {
    public MapOf {
      Objects.requireNonNull(value);
    }
  }

  /**
   * A map with known keys; reading another key is a compile error.
   *
   * @param name unique in its environment; appears in messages
   * @param fields in the order of declaration
   */
  record Struct(String name, Map<String, Shape> fields) implements Shape {
    public Struct {
      if (name.isEmpty() || fields.isEmpty()) {
        throw new IllegalArgumentException("a struct needs a name and a field");
      }
      fields = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
  }

  static Shape listOf(Shape element) {
    return new ListOf(element);
  }

  static Shape mapOf(Shape value) {
    return new MapOf(value);
  }

  /** A struct from alternating field names and shapes, in order. */
  static Struct struct(String name, Object... namesAndShapes) {
    Map<String, Shape> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndShapes.length; i += 2) {
      if (fields.put((String) namesAndShapes[i], (Shape) namesAndShapes[i + 1]) != null) {
        throw new IllegalArgumentException(name + ": field " + namesAndShapes[i] + " twice");
      }
    }
    return new Struct(name, fields);
  }
}
