package dev.bulla.advisory;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.statement.Statement;
import java.time.Instant;

class ScanReportFuzz {
  @FuzzTest
  void anyStatementIsAReportOrARefusal(byte[] bytes) {
    try {
      ScanReport report = ScanReport.fromStatement(Statement.parse(bytes));
      report.toStatement(Digest.sha256(bytes), Instant.EPOCH, "fuzz");
    } catch (BullaException e) {
      // a refusal
    }
  }
}
