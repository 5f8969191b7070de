package dev.bulla.policy;

import dev.bulla.core.Digest;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * Verdicts for people: one line per rule, refusals with what was found and what to do. Plain
 * characters, no colours; lines are wrapped at the given width except for a single word that is
 * longer.
 */
public final class VerdictText {
  /** Columns of a line unless the caller knows better. */
  public static final int WIDTH = 100;

  private static final int MARK = 6;
  private static final int MAX_ID = 32;

  private VerdictText() {}

  public static String table(Verdict verdict) {
    return table(verdict, WIDTH);
  }

  /**
   * @param width columns, at least 60
   */
  public static String table(Verdict verdict, int width) {
    int columns = Math.max(60, width);
    int idWidth =
        Math.min(
            MAX_ID,
            verdict.results().stream().mapToInt(result -> result.id().length()).max().orElse(4));
    StringBuilder out = new StringBuilder();
    out.append(verdict.allowed() ? "ALLOWED" : "REFUSED")
        .append("  ")
        .append(verdict.phase())
        .append("  ")
        .append(printable(verdict.name()))
        .append('\n');
    verdict
        .subject()
        .ifPresent(digest -> out.append("subject  ").append(brief(digest)).append('\n'));
    out.append("policy   ").append(printable(verdict.policy())).append("  ");
    out.append(brief(verdict.policyDigest())).append('\n');
    out.append("facts    ").append(brief(verdict.factsDigest())).append("\n\n");
    for (RuleResult result : verdict.results()) {
      row(result, idWidth, columns, out);
    }
    out.append('\n').append(summary(verdict)).append('\n');
    return out.toString();
  }

  private static void row(RuleResult result, int idWidth, int columns, StringBuilder out) {
    int indent = MARK + idWidth + 2;
    String id = printable(result.id());
    out.append(pad(mark(result.outcome()), MARK)).append(pad(id, idWidth)).append("  ");
    if (id.length() > idWidth) {
      out.append('\n').append(" ".repeat(indent));
    }
    List<String> lines = new ArrayList<>(wrap(printable(result.message()), columns - indent));
    if (!result.code().isEmpty()) {
      lines.addAll(wrap("code: " + printable(result.code()), columns - indent));
    }
    if (!result.remediation().isEmpty()) {
      lines.addAll(wrap("do: " + printable(result.remediation()), columns - indent));
    }
    out.append(String.join("\n" + " ".repeat(indent), lines)).append('\n');
  }

  private static String summary(Verdict verdict) {
    StringBuilder said = new StringBuilder();
    for (RuleResult.Outcome outcome : RuleResult.Outcome.values()) {
      long count = verdict.results().stream().filter(result -> result.outcome() == outcome).count();
      if (count > 0) {
        said.append(said.isEmpty() ? "" : ", ").append(count).append(' ').append(word(outcome));
      }
    }
    return said.isEmpty() ? "no rule was evaluated: nothing is allowed" : said.toString();
  }

  private static String mark(RuleResult.Outcome outcome) {
    return switch (outcome) {
      case PASS -> "pass";
      case WARN -> "WARN";
      case FAIL -> "FAIL";
      case ERROR -> "ERROR";
      case NOT_APPLICABLE -> "n/a";
    };
  }

  private static String word(RuleResult.Outcome outcome) {
    return switch (outcome) {
      case PASS -> "passed";
      case WARN -> "warned";
      case FAIL -> "failed";
      case ERROR -> "could not be decided";
      case NOT_APPLICABLE -> "not applicable";
    };
  }

  private static String brief(Digest digest) {
    return digest.algorithm().id() + ":" + digest.shortHex();
  }

  private static String pad(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }

  /** Outside text must not move the cursor or hide itself. */
  private static String printable(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          int type = Character.getType(c);
          boolean hidden =
              type == Character.CONTROL
                  || type == Character.FORMAT
                  || type == Character.LINE_SEPARATOR
                  || type == Character.PARAGRAPH_SEPARATOR
                  || type == Character.SURROGATE;
          if (hidden) {
            shown.append(Character.isWhitespace(c) ? " " : "\\u%04x".formatted(c));
          } else {
            shown.appendCodePoint(c);
          }
        });
    return shown.toString();
  }

  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
