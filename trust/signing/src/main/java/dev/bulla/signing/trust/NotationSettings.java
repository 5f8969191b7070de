package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code config.json} in notation's configuration directory says.
 *
 * @param file itself, which may also hold credentials, or name the programs that have them, with
 *     docker's members
 * @param cose whether signatures are made in COSE, if it says
 * @param insecureRegistries host and port of registries that are spoken to without TLS
 * @param credentials whether it says where credentials are; docker's are not looked at then
 */
public record NotationSettings(
    Path file, Optional<Boolean> cose, List<String> insecureRegistries, boolean credentials) {
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  public NotationSettings {
    insecureRegistries = List.copyOf(insecureRegistries);
  }

  /** Nothing said. */
  static NotationSettings none(Path file) {
    return new NotationSettings(file, Optional.empty(), List.of(), false);
  }

  /**
   * Members that nobody knows are passed over, as notation does.
   *
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID}
   */
  static NotationSettings parse(byte[] json, Path file) {
    String what = file.toString();
    try {
      Fields all = Fields.of(Json.parse(json, MAX_BYTES, what), what);
      Optional<String> format =
          all.optionalString("signatureFormat")
              .filter(one -> !one.isEmpty())
              .map(one -> one.toLowerCase(Locale.ROOT));
      if (format.isPresent() && !format.get().equals("jws") && !format.get().equals("cose")) {
        throw all.invalid("signatureFormat", "expected jws or cose");
      }
      return new NotationSettings(
          file,
          format.map("cose"::equals),
          all.has("insecureRegistries") ? all.strings("insecureRegistries") : List.of(),
          all.optionalString("credsStore").filter(one -> !one.isEmpty()).isPresent()
              || all.has("credHelpers") && !all.stringMap("credHelpers").isEmpty()
              || all.optionalObject("auths").filter(auths -> !auths.node().isEmpty()).isPresent());
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.CONFIGURATION_INVALID,
          "notation's settings cannot be used: " + e.reason(),
          e.nextStep(),
          e);
    }
  }
}
