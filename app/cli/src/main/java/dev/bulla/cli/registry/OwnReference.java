package dev.bulla.cli.registry;

import dev.bulla.core.Reference;

/** References to content of the own registry, for which the host need not be said. */
final class OwnReference {
  private OwnReference() {}

  static Reference parse(String text) {
    int slash = text.indexOf('/');
    String first = slash < 0 ? "" : text.substring(0, slash);
    boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
    return Reference.parse(host ? text : "localhost/" + text);
  }
}
