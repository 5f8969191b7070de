package dev.bulla.rules;

import com.google.common.primitives.UnsignedLong;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Equality of CEL values (CEL specification, "Equality"): numbers compare by value across int, uint
 * and double; lists and maps by their elements; values of different kinds are unequal. Every
 * comparison is paid for, see {@link Interpreter}.
 */
final class Equality {
  private Equality() {}

  static boolean same(Object a, Object b) {
    return same(a, b, Budget.CURRENT.get());
  }

  private static boolean same(Object a, Object b, Budget budget) {
    budget.spend(1);
    if (a instanceof Number x) {
      return b instanceof Number y && sameNumber(x, y);
    }
    if (a instanceof List<?> x) {
      return b instanceof List<?> y && sameList(x, y, budget);
    }
    if (a instanceof Map<?, ?> x) {
      return b instanceof Map<?, ?> y && sameMap(x, y, budget);
    }
    if (a instanceof String text) {
      budget.spend(text.length() / 64);
    }
    return a.equals(b);
  }

  private static boolean sameNumber(Number a, Number b) {
    if (a instanceof Double x && b instanceof Double y) {
      return x.doubleValue() == y.doubleValue();
    }
    if (notFinite(a) || notFinite(b)) {
      return false;
    }
    return decimal(a).compareTo(decimal(b)) == 0;
  }

  private static boolean notFinite(Number number) {
    return number instanceof Double x && !Double.isFinite(x);
  }

  private static BigDecimal decimal(Number number) {
    return switch (number) {
      case Double x -> new BigDecimal(x);
      case UnsignedLong x -> new BigDecimal(x.bigIntegerValue());
      default -> BigDecimal.valueOf(number.longValue());
    };
  }

  private static boolean sameList(List<?> a, List<?> b, Budget budget) {
    if (a.size() != b.size()) {
      return false;
    }
    Iterator<?> others = b.iterator();
    for (Object one : a) {
      if (!same(one, others.next(), budget)) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameMap(Map<?, ?> a, Map<?, ?> b, Budget budget) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : a.entrySet()) {
      Object other = b.get(entry.getKey());
      if (other == null || !same(entry.getValue(), other, budget)) {
        return false;
      }
    }
    return true;
  }
}
