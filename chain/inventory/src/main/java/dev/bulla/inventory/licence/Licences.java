package dev.bulla.inventory.licence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns declared licences into SPDX identifiers and expressions (SPDX 2.3, annex D) where that is
 * certain; anything else stays as the package wrote it, so that nobody is told a licence that was
 * never declared.
 *
 * <p>Known are the identifiers of the SPDX list, the short names of Debian and Fedora, and the
 * usual long names and addresses. Thread-safe.
 */
public final class Licences {
  private static final int MAX_LENGTH = 400;
  private static final Set<String> NOISE =
      Set.of("the", "license", "licence", "licenses", "version", "software");

  private Licences() {}

  /** Each name normalised, in order, without repetitions. */
  public static List<String> normalise(List<String> declared) {
    Set<String> all = new LinkedHashSet<>();
    for (String one : declared) {
      String text = one.strip();
      if (!text.isEmpty()) {
        all.add(of(text));
      }
    }
    return new ArrayList<>(all);
  }

  /**
   * The SPDX form of one declaration, or the declaration itself, cut at {@value #MAX_LENGTH}
   * characters.
   */
  public static String of(String declared) {
    String text = declared.length() > MAX_LENGTH ? declared.substring(0, MAX_LENGTH) : declared;
    return simple(text).or(() -> expression(text)).orElse(text);
  }

  /** Whether {@code text} is an identifier of the SPDX licence list, exactly as listed. */
  public static boolean isIdentifier(String text) {
    return text.equals(Lists.IDS.get(text.toLowerCase(Locale.ROOT)));
  }

  /** Whether {@code text} is an SPDX expression of listed identifiers and {@code LicenseRef-}s. */
  public static boolean isExpression(String text) {
    return isIdentifier(text) || expression(text).filter(text::equals).isPresent();
  }

  private static Optional<String> simple(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    String listed = Lists.IDS.get(lower);
    if (listed == null) {
      listed = Lists.NAMES.get(key(lower));
    }
    if (listed == null && text.endsWith("+")) {
      String base = Lists.IDS.get(lower.substring(0, lower.length() - 1));
      listed = base == null ? null : base + "+";
    }
    return Optional.ofNullable(listed);
  }

  /** Reduced form: scheme and noise words gone, separators as one space. */
  private static String key(String lower) {
    StringBuilder key = new StringBuilder();
    String text = lower.replace("https://", "").replace("http://", "");
    StringBuilder word = new StringBuilder();
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : ' ';
      if (Character.isLetterOrDigit(c) || c == '.' || c == '+' || c == '/') {
        word.append(c);
        continue;
      }
      String done = stripped(word.toString());
      word.setLength(0);
      if (!done.isEmpty() && !NOISE.contains(done)) {
        key.append(key.isEmpty() ? "" : " ").append(done);
      }
    }
    return key.toString();
  }

  private static String stripped(String word) {
    int end = word.length();
    while (end > 0 && (word.charAt(end - 1) == '.' || word.charAt(end - 1) == '/')) {
      end--;
    }
    String text = word.substring(0, end);
    return text.length() > 1 && text.charAt(0) == 'v' && Character.isDigit(text.charAt(1))
        ? text.substring(1)
        : text;
  }

  /** Names joined by and, or, with and brackets; names side by side are meant together. */
  private static Optional<String> expression(String text) {
    List<String> tokens = tokens(text);
    if (tokens.size() < 2 || tokens.size() > 100) {
      return ref(text);
    }
    StringBuilder out = new StringBuilder();
    int depth = 0;
    boolean operand = false;
    boolean exception = false;
    for (String token : tokens) {
      switch (token) {
        case "(" -> {
          out.append(operand ? " AND (" : "(");
          operand = false;
          depth++;
        }
        case ")" -> {
          if (!operand || --depth < 0) {
            return Optional.empty();
          }
          out.append(')');
        }
        case "AND", "OR", "WITH" -> {
          if (!operand) {
            return Optional.empty();
          }
          out.append(' ').append(token).append(' ');
          operand = false;
          exception = token.equals("WITH");
        }
        default -> {
          Optional<String> known = simple(token).or(() -> ref(token));
          if (known.isEmpty() || exception != isException(known.get())) {
            return Optional.empty();
          }
          out.append(operand ? " AND " : "").append(known.get());
          operand = true;
          exception = false;
        }
      }
    }
    return operand && depth == 0 ? Optional.of(out.toString()) : Optional.empty();
  }

  private static boolean isException(String id) {
    return id.contains("-exception") && !id.contains("-with-");
  }

  private static Optional<String> ref(String token) {
    if (!token.startsWith("LicenseRef-") || token.length() == 11) {
      return Optional.empty();
    }
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (!(c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c >= '0' && c <= '9'
          || c == '-'
          || c == '.')) {
        return Optional.empty();
      }
    }
    return Optional.of(token);
  }

  private static List<String> tokens(String text) {
    List<String> tokens = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : ' ';
      boolean bracket = c == '(' || c == ')';
      if (!bracket && !Character.isWhitespace(c) && c != ',' && c != '|') {
        word.append(c);
        continue;
      }
      if (!word.isEmpty()) {
        String upper = word.toString().toUpperCase(Locale.ROOT);
        boolean operator = upper.equals("AND") || upper.equals("OR") || upper.equals("WITH");
        // "A, and B": the comma has said it already
        tokens.add(operator ? upper : word.toString());
        word.setLength(0);
      }
      if (bracket) {
        tokens.add(String.valueOf(c));
      } else if (c == '|') {
        tokens.add("OR");
      }
    }
    return tokens;
  }

  /** Read on first use. */
  private static final class Lists {
    static final Map<String, String> IDS = new HashMap<>();
    static final Map<String, String> NAMES = new HashMap<>();

    static {
      for (String id : lines("spdx-ids.txt")) {
        IDS.put(id.toLowerCase(Locale.ROOT), id);
      }
      for (String line : lines("names.txt")) {
        int equals = line.indexOf(" = ");
        NAMES.put(key(line.substring(0, equals)), line.substring(equals + 3));
      }
    }

    private static List<String> lines(String resource) {
      try (InputStream in =
          Licences.class.getResourceAsStream("/dev/bulla/inventory/licence/" + resource)) {
        if (in == null) {
          throw new IllegalStateException("the resource " + resource + " is not in the jar");
        }
        List<String> lines = new ArrayList<>();
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (!line.isBlank() && line.charAt(0) != '#') {
            lines.add(line);
          }
        }
        return lines;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
