package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Where the password of an encrypted key file comes from. */
@FunctionalInterface
public interface PasswordSource {
  /** The variable that cosign reads too. */
  String COSIGN_PASSWORD = "COSIGN_PASSWORD";

  /** What to do about a wrong password. */
  String CHECK = "Check the password in " + COSIGN_PASSWORD + ", or in the file that was named.";

  /**
   * The password for the named file; the empty password is legal.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if there is none
   */
  Secret passwordFor(String keyName);

  /** No password at all: encrypted keys are refused with a word on how to supply one. */
  static PasswordSource none() {
    return environment(Map.of());
  }

  /** The value of {@value #COSIGN_PASSWORD} in {@code environment}. */
  static PasswordSource environment(Map<String, String> environment) {
    Map<String, String> kept = Map.copyOf(environment);
    return keyName -> {
      String value = kept.get(COSIGN_PASSWORD);
      if (value == null) {
        throw new BullaException(
            ErrorCode.KEY_INVALID,
            keyName + ": a password is needed, and no password was given",
            "Set " + COSIGN_PASSWORD + " (it may be empty), or name a file with the password.");
      }
      return Secret.of(value);
    };
  }

  /**
   * The first line of {@code file}, without its line break. The file must be readable by its owner
   * only.
   */
  static PasswordSource file(Path file) {
    return keyName -> {
      byte[] text = PrivateFiles.read(file);
      try {
        PrivateFiles.checkOwnerOnly(file);
        int end = 0;
        while (end < text.length && text[end] != '\n' && text[end] != '\r') {
          end++;
        }
        byte[] line = Arrays.copyOf(text, end);
        try {
          return Secret.of(line);
        } finally {
          Arrays.fill(line, (byte) 0);
        }
      } finally {
        Arrays.fill(text, (byte) 0);
      }
    };
  }
}
