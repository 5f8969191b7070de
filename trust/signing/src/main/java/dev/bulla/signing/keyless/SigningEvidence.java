package dev.bulla.signing.keyless;

import dev.bulla.signing.sigstore.LogEntry;
import java.util.List;

/**
 * What services say of one signature, verified.
 *
 * @param logEntries one of each log
 * @param timestamps DER TimeStampResp, one of each authority
 */
public record SigningEvidence(List<LogEntry> logEntries, List<byte[]> timestamps) {
  public static final SigningEvidence NONE = new SigningEvidence(List.of(), List.of());

  public SigningEvidence {
    logEntries = List.copyOf(logEntries);
    timestamps = List.copyOf(timestamps);
  }
}
