package dev.bulla.core.json;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * A double as ECMAScript's {@code Number::toString} prints it (RFC 8785 section 3.2.2.3).
 *
 * <p>{@link Double#toString} gives the shortest digits that read back as the same double since JDK
 * 19; only the placing of the point and the exponent differ, and that it never gives a single
 * digit: 5e-324 is 4.9E-324 there. With digits d of length k and value d × 10^(n−k): plain for k ≤
 * n ≤ 21, a point inside for 0 &lt; n ≤ 21, leading zeros for −6 &lt; n ≤ 0, else an exponent.
 */
final class EcmaNumber {
  private EcmaNumber() {}

  static String text(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new BullaException(ErrorCode.JSON_MALFORMED, value + " has no JSON form");
    }
    if (value == 0) {
      return "0";
    }
    if (value < 0) {
      return "-" + text(-value);
    }
    BigDecimal shortest = shortest(value);
    String digits = shortest.unscaledValue().toString();
    int k = digits.length();
    int n = k - shortest.scale();
    if (k <= n && n <= 21) {
      return digits + "0".repeat(n - k);
    }
    if (0 < n && n <= 21) {
      return digits.substring(0, n) + "." + digits.substring(n);
    }
    if (-6 < n && n <= 0) {
      return "0." + "0".repeat(-n) + digits;
    }
    String exponent = (n - 1 < 0 ? "-" : "+") + Math.abs(n - 1);
    return k == 1
        ? digits + "e" + exponent
        : digits.charAt(0) + "." + digits.substring(1) + "e" + exponent;
  }

  private static BigDecimal shortest(double value) {
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (decimal.precision() == 2) {
      BigDecimal single = decimal.round(new MathContext(1)).stripTrailingZeros();
      return single.doubleValue() == value ? single : decimal;
    }
    return decimal;
  }
}
