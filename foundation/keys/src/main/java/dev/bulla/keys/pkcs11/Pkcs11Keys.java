package dev.bulla.keys.pkcs11;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.PasswordSource;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.keys.Secret;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens keys in tokens. Needs Java 22 or later, for the JDK's own way to call native code; the
 * JDK's PKCS#11 provider would run on 21, but does not see a key without a certificate, as most
 * tools make them.
 *
 * <p>A module is loaded and initialised once for the process and never finalised, because others
 * here may use it. Thread-safe.
 */
public final class Pkcs11Keys {
  /** Where cosign looks for the module if the URI names none. */
  public static final String MODULE_VARIABLE = "COSIGN_PKCS11_MODULE_PATH";

  /** Where cosign looks for the PIN. */
  public static final String PIN_VARIABLE = "COSIGN_PKCS11_PIN";

  private static final String NATIVE = "dev.bulla.keys.pkcs11.NativeCryptoki";
  private static final Map<Path, Cryptoki> LOADED = new ConcurrentHashMap<>();

  private final Path directory;
  private final Map<String, String> environment;

  /**
   * @param directory against which relative paths in URIs are resolved
   * @param environment for {@value #MODULE_VARIABLE} and {@value #PIN_VARIABLE}
   */
  public Pkcs11Keys(Path directory, Map<String, String> environment) {
    this.directory = directory;
    this.environment = Map.copyOf(environment);
  }

  /**
   * The key that {@code uri} names. The token is asked for it at once, and again for each
   * signature: no session stays open, and a token that is pulled out and put back goes on working.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if there is no such module, token or key,
   *     or the PIN is missing, wrong or locked; {@link ErrorCode#KEY_UNSUPPORTED} for a key of
   *     another kind, or on Java 21
   */
  public Pkcs11Signer open(Pkcs11Uri uri) {
    if (uri.attribute("type").filter("public"::equals).isPresent()) {
      throw new BullaException(
          ErrorCode.USAGE, "type=public in a PKCS#11 URI names no key to sign with");
    }
    return Pkcs11Signer.open(key(uri));
  }

  /**
   * The public half of the key that {@code uri} names; the PIN is asked for only if the token shows
   * neither public key nor certificate without it. Errors as of {@link #open}.
   */
  public PublicKeyVerifier publicKey(Pkcs11Uri uri) {
    return key(uri).publicKey();
  }

  private TokenKey key(Pkcs11Uri uri) {
    return new TokenKey(loaded(module(uri)), uri, pin(uri));
  }

  private Path module(Pkcs11Uri uri) {
    String written =
        uri.modulePath()
            .or(() -> Optional.ofNullable(environment.get(MODULE_VARIABLE)))
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.KEY_INVALID,
                    "nothing says which PKCS#11 module speaks to the token",
                    "Add ?module-path=/path/to/module.so to the URI, or set "
                        + MODULE_VARIABLE
                        + "."));
    Path module = directory.resolve(written).normalize();
    if (!Files.isRegularFile(module)) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "there is no PKCS#11 module " + module,
          "Install the token's PKCS#11 module, or correct module-path.");
    }
    return module;
  }

  private PasswordSource pin(Pkcs11Uri uri) {
    Optional<Path> file = uri.pinFile().map(directory::resolve);
    if (file.isPresent()) {
      return PasswordSource.file(file.get());
    }
    String value = environment.get(PIN_VARIABLE);
    return keyName -> {
      if (value == null) {
        throw new BullaException(
            ErrorCode.KEY_INVALID,
            keyName + ": the token wants a PIN and none was given",
            "Add ?pin-source=file:PATH to the URI, or set " + PIN_VARIABLE + ".");
      }
      return Secret.of(value);
    };
  }

  private static Cryptoki loaded(Path module) {
    return LOADED.computeIfAbsent(module, Pkcs11Keys::load);
  }

  /** By its name, so that this class can be loaded on Java 21. */
  private static Cryptoki load(Path module) {
    if (Runtime.version().feature() < 22) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          "keys in PKCS#11 tokens need Java 22 or later, this is " + Runtime.version());
    }
    try {
      return (Cryptoki)
          Class.forName(NATIVE).getDeclaredMethod("load", Path.class).invoke(null, module);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Cryptoki.Failure failure) {
        throw new BullaException(
            ErrorCode.KEY_INVALID, module + ": the module does not start: " + failure.getMessage());
      }
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          module + ": not a PKCS#11 module for this machine: " + e.getCause(),
          "Give the shared library of the token's maker, for example libsofthsm2.so.",
          e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
