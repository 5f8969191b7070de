package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of some content (RFC 9110 section 14).
 *
 * @param first offset of the first byte
 * @param last offset of the last byte, inclusive, below {@code total}
 * @param total bytes of the whole
 */
public record ByteRange(long first, long last, long total) {
  private static final Pattern ONE = Pattern.compile("([0-9]{0,100})-([0-9]{0,100})");

  public ByteRange {
    if (first < 0 || last < first || last >= total) {
      throw new IllegalArgumentException("range %d-%d of %d".formatted(first, last, total));
    }
  }

  /**
   * Reads a Range header against content of {@code total} bytes. Empty means "send the whole":
   * another unit, several ranges, or no range at all.
   *
   * <p>A range that ends before it begins is refused as well: RFC 9110 would let a server ignore
   * it, registry clients expect 416.
   *
   * @throws BullaException {@link ErrorCode#RANGE_INVALID} if no byte of the content is in the
   *     range
   */
  public static Optional<ByteRange> parse(String header, long total) {
    String text = header.strip();
    if (!text.regionMatches(true, 0, "bytes=", 0, 6)) {
      return Optional.empty();
    }
    Matcher one = ONE.matcher(text.substring(6).strip());
    if (!one.matches()) {
      return Optional.empty();
    }
    boolean suffix = one.group(1).isEmpty();
    boolean open = one.group(2).isEmpty();
    if (suffix && open) {
      return Optional.empty();
    }
    if (suffix) {
      long length = Math.min(number(one.group(2)), total);
      return Optional.of(checked(header, total - length, total - 1, total));
    }
    long first = number(one.group(1));
    long last = open ? total - 1 : Math.min(number(one.group(2)), total - 1);
    return Optional.of(checked(header, first, last, total));
  }

  /** What is beyond a long is beyond any content. */
  private static long number(String digits) {
    return digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  public long length() {
    return last - first + 1;
  }

  /** The value of Content-Range. */
  public String contentRange() {
    return "bytes " + first + "-" + last + "/" + total;
  }

  private static ByteRange checked(String header, long first, long last, long total) {
    if (first > last || first >= total) {
      throw new BullaException(
          ErrorCode.RANGE_INVALID,
          "range '%s' holds no byte of the content, which has %d bytes"
              .formatted(Shown.text(header), total));
    }
    return new ByteRange(first, last, total);
  }
}
