package dev.bulla.pipeline;

/** The stages of {@code ship}, in their order. */
public enum Stage {
  RESOLVE("resolve"),
  GATE_BEFORE_BUILD("gate before build"),
  BUILD("build"),
  INVENTORY("inventory"),
  SCAN("scan"),
  SEAL("seal statements"),
  GATE_AFTER_BUILD("gate over statements"),
  SIGN("sign image and verdict"),
  PUBLISH("publish"),
  VERIFY("verify"),
  RECORD("record");

  private final String label;

  Stage(String label) {
    this.label = label;
  }

  /** For people and for the JSON document. */
  public String label() {
    return label;
  }
}
