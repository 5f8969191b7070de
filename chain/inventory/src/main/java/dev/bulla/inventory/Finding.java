package dev.bulla.inventory;

import dev.bulla.inventory.format.SystemPackage;
import java.util.List;
import java.util.Map;

/** What one file tells, before it is known whether the file is visible in the image. */
sealed interface Finding {

  /** Keys and values of an os-release file. */
  record Os(Map<String, String> values) implements Finding {}

  /**
   * Packages of a distribution.
   *
   * @param kind purl type: {@code deb}, {@code apk}, {@code rpm}
   */
  record SystemPackages(String kind, List<SystemPackage> packages) implements Finding {}

  /**
   * The files of one dpkg package.
   *
   * @param owner package name, with {@code :ARCHITECTURE} if the file name has it
   * @param paths hashes of the paths, unordered
   * @param sums first eight bytes of each file's MD5, parallel to {@code paths}; empty if the list
   *     has none
   */
  record Files(String owner, long[] paths, long[] sums) implements Finding {}

  /** Licence names of the dpkg package whose documentation directory this is. */
  record Copyright(String owner, List<String> licences) implements Finding {}

  /**
   * Packages of a language ecosystem.
   *
   * @param md5 first eight bytes of the evidence file's MD5, 0 if it was not taken
   */
  record Packages(List<Found> found, long md5) implements Finding {}

  /**
   * A package.json outside node_modules: the root of an installed tree if there is a tree or a lock
   * beside it.
   */
  record NpmRoot(Found found) implements Finding {}

  /** A file whose mere presence matters. */
  record Marker() implements Finding {}

  /**
   * One package of a language ecosystem.
   *
   * @param group of Maven, else empty
   * @param named whether group and name are known well enough for a purl
   * @param nested archives inside the file down to it
   */
  record Found(
      String type,
      String group,
      String name,
      String version,
      boolean named,
      List<String> nested,
      List<String> licences,
      Map<String, String> hashes,
      Map<String, String> properties) {}
}
