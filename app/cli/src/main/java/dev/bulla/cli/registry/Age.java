package dev.bulla.cli.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How people write a time: {@code 90s}, {@code 30m}, {@code 24h}, {@code 7d}. */
final class Age {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,6})([smhd])");

  private Age() {}

  /**
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  static Duration parse(String option, String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "%s is '%s', expected a number with s, m, h or d".formatted(option, Shown.text(text)),
          "For example: %s 24h".formatted(option));
    }
    long number = Long.parseLong(form.group(1));
    return switch (form.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }
}
