package dev.bulla.rules;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.Optional;

/**
 * Shapes as CEL types for the checker. A struct is a CEL struct type for the checker only; its
 * values are plain maps, which the interpreter selects from by key.
 */
final class FactTypes implements CelTypeProvider {
  private final ImmutableMap<String, CelType> structs;

  FactTypes(Environment environment) {
    ImmutableMap.Builder<String, CelType> all = ImmutableMap.builder();
    environment.structs().forEach((name, struct) -> all.put(name, structType(struct)));
    this.structs = all.buildOrThrow();
  }

  @Override
  public ImmutableCollection<CelType> types() {
    return ImmutableList.copyOf(structs.values());
  }

  @Override
  public Optional<CelType> findType(String typeName) {
    return Optional.ofNullable(structs.get(typeName));
  }

  CelType of(Shape shape) {
    return switch (shape) {
      case Shape.Scalar scalar -> simple(scalar);
      case Shape.ListOf list -> ListType.create(of(list.element()));
      case Shape.MapOf map -> MapType.create(SimpleType.STRING, of(map.value()));
      case Shape.Struct struct -> structs.getOrDefault(struct.name(), SimpleType.DYN);
    };
  }

  @SuppressWarnings("Immutable") // a struct is immutable, but cannot be annotated so
  private CelType structType(Shape.Struct struct) {
    return StructType.create(
        struct.name(),
        ImmutableSet.copyOf(struct.fields().keySet()),
        field -> Optional.ofNullable(struct.fields().get(field)).map(this::of));
  }

  private static CelType simple(Shape.Scalar scalar) {
    return switch (scalar) {
      case TEXT -> SimpleType.STRING;
      case WHOLE -> SimpleType.INT;
      case REAL -> SimpleType.DOUBLE;
      case BOOL -> SimpleType.BOOL;
      case ANY -> SimpleType.DYN;
    };
  }
}
