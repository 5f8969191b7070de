package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A metadata file as it came (TUF specification section 4.2.1): the bytes, which are kept, the
 * signed part and the signatures.
 *
 * @param signatures by the identifier of the key; one that is not hexadecimal is left out, as is an
 *     empty one, which stands for somebody who has not signed yet
 */
record SignedFile(String name, byte[] bytes, Fields signed, Map<String, byte[]> signatures) {
  private static final int MAX_SIGNATURES = 256;

  /**
   * @param name of the file, for errors
   * @throws BullaException {@link ErrorCode#TRUST_METADATA_INVALID}
   */
  static SignedFile parse(byte[] bytes, String name) {
    return Refused.unreadable(
        name,
        () -> {
          Fields file = Fields.of(Json.parse(bytes, name), name);
          Map<String, byte[]> signatures = new LinkedHashMap<>();
          int count = 0;
          for (Fields signature : file.objects("signatures")) {
            String id = signature.string("keyid");
            if (signatures.containsKey(id) || ++count > MAX_SIGNATURES) {
              throw Refused.invalid(
                  name,
                  "more than %d signatures, or two of one key (%s)"
                      .formatted(MAX_SIGNATURES, Shown.text(id)));
            }
            signatures.put(id, hex(signature.optionalString("sig").orElse("")));
          }
          return new SignedFile(name, bytes.clone(), file.object("signed"), signatures);
        });
  }

  /** What the signatures are over. */
  byte[] message() {
    return OlpcJson.write(signed.node());
  }

  /**
   * Checks the type and the version of the format.
   *
   * @param type {@code root}, {@code timestamp}, {@code snapshot} or {@code targets}
   */
  SignedFile ofType(String type) {
    String found = signed.string("_type");
    if (!found.equals(type)) {
      throw Refused.invalid(name, "a '%s', expected a '%s'".formatted(Shown.text(found), type));
    }
    String version = signed.string("spec_version");
    if (!version.equals("1") && !version.startsWith("1.")) {
      throw Refused.invalid(
          name, "of version '%s' of the specification, expected 1".formatted(Shown.text(version)));
    }
    return this;
  }

  long version() {
    return positive(signed, "version");
  }

  Instant expires() {
    String written = signed.string("expires");
    try {
      return OffsetDateTime.parse(written).toInstant();
    } catch (DateTimeException e) {
      throw signed.invalid("expires", "not a time: " + written);
    }
  }

  static long positive(Fields fields, String name) {
    long number = fields.integer(name);
    if (number < 1) {
      throw fields.invalid(name, number + ", expected 1 or more");
    }
    return number;
  }

  private static byte[] hex(String text) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }
}
