package dev.bulla.build;

/** Told what a build is doing, on the build's thread; must return quickly and not throw. */
@FunctionalInterface
public interface BuildProgress {
  BuildProgress NONE = (stage, detail) -> {};

  /**
   * @param stage {@code resolve}, {@code base}, {@code layer}, {@code validate}, {@code image}
   * @param detail for people: the step's name, sizes, digests
   */
  void report(String stage, String detail);
}
