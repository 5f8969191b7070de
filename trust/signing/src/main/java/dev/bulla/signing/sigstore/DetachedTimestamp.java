package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * A promise of a certificate log that came apart from the certificate: what a log answers to {@code
 * add-chain} (RFC 6962 section 4.1), as Fulcio hands it on where its authority embeds none, and as
 * cosign reads it from the file of {@code --sct}.
 */
public final class DetachedTimestamp {
  private static final int MAX_BYTES = 64 * 1024;
  private static final int LOG_ID = 32;

  private final CertificateTimestamps.Timestamp timestamp;

  private DetachedTimestamp(CertificateTimestamps.Timestamp timestamp) {
    this.timestamp = timestamp;
  }

  /**
   * @param json {@code {"sct_version": 0, "id": …, "timestamp": …, "extensions": "", "signature":
   *     …}}
   * @throws BullaException {@link ErrorCode#CERTIFICATE_NOT_LOGGED} if it is none
   */
  public static DetachedTimestamp parse(byte[] json) {
    try {
      Fields fields =
          Fields.of(Json.parse(json, MAX_BYTES, "certificate timestamp"), "certificate timestamp");
      byte[] logId = base64(fields.string("id"));
      if (fields.integer("sct_version") != 0 || logId.length != LOG_ID) {
        throw malformed("of an unknown version or without the id of a log", null);
      }
      ByteBuffer signature = ByteBuffer.wrap(base64(fields.string("signature")));
      CertificateTimestamps.Timestamp read =
          new CertificateTimestamps.Timestamp(
              logId,
              fields.integer("timestamp"),
              base64(fields.optionalString("extensions").orElse("")),
              signature.get(),
              signature.get(),
              CertificateTimestamps.vector(signature));
      if (signature.hasRemaining() || read.extensions().length > 0xffff || read.millis() < 0) {
        throw malformed("out of bounds", null);
      }
      return new DetachedTimestamp(read);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw malformed("cut short or not base64", e);
    } catch (BullaException e) {
      throw e.code() == ErrorCode.CERTIFICATE_NOT_LOGGED ? e : malformed(e.reason(), e);
    }
  }

  CertificateTimestamps.Timestamp timestamp() {
    return timestamp;
  }

  private static byte[] base64(String text) {
    return Base64.getDecoder().decode(text);
  }

  private static BullaException malformed(
      String why, @org.jspecify.annotations.Nullable Throwable cause) {
    return new BullaException(
        ErrorCode.CERTIFICATE_NOT_LOGGED,
        "the certificate timestamp beside the certificate cannot be read: " + why,
        cause);
  }
}
