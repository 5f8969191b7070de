package dev.bulla.web;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;

class ByteRangeFuzz {
  /** Whatever the header, the outcome is a valid range, the whole, or RANGE_INVALID. */
  @FuzzTest
  void parse(FuzzedDataProvider data) {
    long total = data.consumeLong(0, Long.MAX_VALUE);
    String header = "bytes=" + data.consumeRemainingAsString();
    try {
      ByteRange.parse(header, total);
    } catch (BullaException e) {
      if (e.code() != ErrorCode.RANGE_INVALID) {
        throw e;
      }
    }
  }
}
