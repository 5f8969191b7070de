package dev.bulla.inventory.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The header of a Python distribution's METADATA or PKG-INFO (core metadata specification; PEP 639
 * for licences).
 *
 * @param licences {@code License-Expression}, else {@code License} if it is one short line, else
 *     the classifiers' words
 */
public record PythonMetadata(String name, String version, List<String> licences) {
  private static final String CLASSIFIER = "License :: ";
  private static final int SHORT = 120;

  public PythonMetadata {
    licences = List.copyOf(licences);
  }

  /** Empty if the header names no package or no version. */
  public static Optional<PythonMetadata> parse(byte[] data, int length) {
    Lines lines = new Lines(data, length);
    String name = "";
    String version = "";
    String expression = "";
    String licence = "";
    List<String> classifiers = new ArrayList<>();
    boolean inLicence = false;
    while (lines.next() && !lines.blank()) {
      byte first = lines.at(0);
      if (first == ' ' || first == '\t') {
        // a licence of several lines is a text, not a name
        licence = inLicence ? "" : licence;
        continue;
      }
      inLicence = lines.isField("License");
      if (lines.isField("Name")) {
        name = lines.value();
      } else if (lines.isField("Version")) {
        version = lines.value();
      } else if (lines.isField("License-Expression")) {
        expression = lines.value();
      } else if (inLicence) {
        licence = lines.value();
      } else if (lines.isField("Classifier") && lines.value().startsWith(CLASSIFIER)) {
        classifiers.add(lastPart(lines.value()));
      }
    }
    if (name.isEmpty() || version.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new PythonMetadata(name, version, choose(expression, licence, classifiers)));
  }

  private static List<String> choose(String expression, String licence, List<String> classifiers) {
    if (!expression.isEmpty()) {
      return List.of(expression);
    }
    boolean known = !licence.isEmpty() && !licence.equalsIgnoreCase("UNKNOWN");
    return known && licence.length() <= SHORT ? List.of(licence) : classifiers;
  }

  private static String lastPart(String classifier) {
    return classifier.substring(classifier.lastIndexOf(" :: ") + 4);
  }

  /**
   * The name by which packages are compared: lower case, runs of {@code -_.} as one dash (PEP 503).
   */
  public static String normalName(String name) {
    StringBuilder normal = new StringBuilder(name.length());
    boolean dash = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '-' || c == '_' || c == '.') {
        dash = true;
      } else {
        if (dash) {
          normal.append('-');
          dash = false;
        }
        normal.append(Character.toLowerCase(c));
      }
    }
    return dash ? normal.append('-').toString() : normal.toString();
  }
}
