package dev.bulla.keys.pkcs11;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of a PKCS#11 module that signing needs (Cryptoki 2.40). Handles are the module's own.
 * Calls that touch one token must not overlap: whoever uses this holds the module's monitor.
 */
interface Cryptoki {
  long CKF_LOGIN_REQUIRED = 0x4;
  long CKF_TOKEN_INITIALIZED = 0x400;

  long CKO_CERTIFICATE = 1;
  long CKO_PUBLIC_KEY = 2;
  long CKO_PRIVATE_KEY = 3;

  long CKA_CLASS = 0;
  long CKA_LABEL = 3;
  long CKA_VALUE = 0x11;
  long CKA_KEY_TYPE = 0x100;
  long CKA_ID = 0x102;
  long CKA_MODULUS = 0x120;
  long CKA_PUBLIC_EXPONENT = 0x122;
  long CKA_EC_PARAMS = 0x180;
  long CKA_EC_POINT = 0x181;

  long CKK_RSA = 0;
  long CKK_EC = 3;
  long CKK_EC_EDWARDS = 0x40;

  long CKM_RSA_PKCS = 1;
  long CKM_RSA_PKCS_PSS = 0xd;
  long CKM_ECDSA = 0x1041;
  long CKM_EDDSA = 0x1057;

  /**
   * What a token says of itself; texts without their padding.
   *
   * @param flags {@code CKF_…}
   */
  record TokenInfo(
      long slot, String label, String manufacturer, String model, String serial, long flags) {}

  /** The tokens that are there. */
  List<TokenInfo> tokens();

  long openSession(long slot);

  /** Never throws: a session that cannot be closed is the module's own matter. */
  void closeSession(long session);

  /** As the user of the token; a session that is logged in already stays so. */
  void login(long session, byte[] pin);

  /** Handles of the objects with all these attributes, at most 256. */
  List<Long> find(long session, Map<Long, byte[]> attributes);

  /** Empty if the object has no such attribute, or does not show it. */
  Optional<byte[]> attribute(long session, long object, long type);

  /**
   * @param parameters of the mechanism, empty for none
   */
  byte[] sign(long session, long key, long mechanism, byte[] parameters, byte[] data);

  /** A number as the module's memory holds it. */
  byte[] number(long value);

  /** The reverse. */
  long number(byte[] value);

  /** A call of the module that failed. */
  final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final long code;

    Failure(String function, long code) {
      super("%s ends with %s".formatted(function, name(code)));
      this.code = code;
    }

    long code() {
      return code;
    }

    private static final Map<Long, String> NAMES =
        Map.ofEntries(
            Map.entry(0x5L, "CKR_GENERAL_ERROR"),
            Map.entry(0x6L, "CKR_FUNCTION_FAILED"),
            Map.entry(0x30L, "CKR_DEVICE_ERROR"),
            Map.entry(0x32L, "CKR_DEVICE_REMOVED"),
            Map.entry(0x68L, "CKR_KEY_FUNCTION_NOT_PERMITTED"),
            Map.entry(0x70L, "CKR_MECHANISM_INVALID"),
            Map.entry(0xa0L, "CKR_PIN_INCORRECT"),
            Map.entry(0xa1L, "CKR_PIN_INVALID"),
            Map.entry(0xa2L, "CKR_PIN_LEN_RANGE"),
            Map.entry(0xa3L, "CKR_PIN_EXPIRED"),
            Map.entry(0xa4L, "CKR_PIN_LOCKED"),
            Map.entry(0xe0L, "CKR_TOKEN_NOT_PRESENT"),
            Map.entry(0x101L, "CKR_USER_NOT_LOGGED_IN"),
            Map.entry(0x102L, "CKR_USER_PIN_NOT_INITIALIZED"));

    private static String name(long code) {
      return NAMES.getOrDefault(code, "0x" + Long.toHexString(code));
    }
  }
}
