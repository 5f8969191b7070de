package dev.bulla.pipeline;

import java.time.Duration;

/** Told what {@code ship} does while it does it, on the thread that ships. */
public interface ShipListener {
  void started(Stage stage);

  /** Something worth showing while the stage runs; replaces what was shown before. */
  void progress(Stage stage, String text);

  /**
   * @param refused whether the stage ended in a refusal
   * @param result one line for people
   */
  void ended(Stage stage, boolean refused, Duration took, String result);

  /** Hears nothing. */
  static ShipListener silent() {
    return new ShipListener() {
      @Override
      public void started(Stage stage) {}

      @Override
      public void progress(Stage stage, String text) {}

      @Override
      public void ended(Stage stage, boolean refused, Duration took, String result) {}
    };
  }
}
