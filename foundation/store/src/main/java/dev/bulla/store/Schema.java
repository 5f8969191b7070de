package dev.bulla.store;

import java.util.regex.Pattern;

/**
 * The tables of one module: migrations {@code db/<module>/<database>/V<n>__<what>.sql} on the class
 * path, one each for {@code sqlite} and {@code postgresql}, numbered from 1, with a history table
 * of their own. Released migrations never change.
 *
 * @param module letters only; the name of the module
 * @param version the number of the newest migration
 */
public record Schema(String module, int version) {
  private static final Pattern NAME = Pattern.compile("[a-z]+");

  /** The store's own tables: the outbox, leases, changes and agreements. */
  static final Schema STORE = new Schema("store", 4);

  public Schema {
    if (!NAME.matcher(module).matches() || version < 1) {
      throw new IllegalArgumentException("schema '%s' version %d".formatted(module, version));
    }
  }

  String historyTable() {
    return "schema_history_" + module;
  }

  String location(String folder) {
    return "classpath:db/" + module + "/" + folder;
  }
}
