package dev.bulla.cli.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes for people. */
final class Bytes {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Bytes() {}

  private static final Pattern FORM = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB|TiB)?");

  /**
   * A number of bytes as people write it: {@code 10GiB}.
   *
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  static long parse(String option, String text) {
    Matcher form = FORM.matcher(text);
    if (form.matches()) {
      long bytes = Long.parseLong(form.group(1));
      int unit = form.group(2) == null ? 0 : Arrays.asList(UNITS).indexOf(form.group(2));
      if (bytes <= Long.MAX_VALUE >> (10 * unit)) {
        return bytes << (10 * unit);
      }
    }
    throw new BullaException(
        ErrorCode.USAGE,
        "%s is '%s', expected a number with B, KiB, MiB, GiB or TiB"
            .formatted(option, Shown.text(text)),
        "For example: %s 10GiB".formatted(option));
  }

  static String shown(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
  }
}
