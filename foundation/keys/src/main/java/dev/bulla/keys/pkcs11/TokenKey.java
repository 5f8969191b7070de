package dev.bulla.keys.pkcs11;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.keys.PasswordSource;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.keys.Secret;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * From a URI to the private key object: chooses the token, opens a session, logs in, finds the one
 * object. Each use is a session of its own, one at a time for a module, so that a login by one PIN
 * never serves another caller's session.
 */
record TokenKey(Cryptoki module, Pkcs11Uri uri, PasswordSource pin) {

  /** What is done with the key while its session is open. */
  interface Use<T> {
    T with(long session, long key);
  }

  <T> T use(Use<T> action) {
    return open((session, token) -> {
      login(session, token);
      return action.with(session, key(session, token));
    });
  }

  /**
   * The public half of the key. Tokens show it to everybody as a rule, so the PIN is wanted only if
   * this one does not.
   */
  PublicKeyVerifier publicKey() {
    return this.<Optional<PublicKeyVerifier>>open(
            (session, token) -> new TokenObjects(module, session).published(wanted(), shown()))
        .orElseGet(
            () -> use((session, key) -> new TokenObjects(module, session).publicKey(key, shown())));
  }

  private interface Opened<T> {
    T with(long session, Cryptoki.TokenInfo token);
  }

  private <T> T open(Opened<T> action) {
    synchronized (module) {
      Cryptoki.TokenInfo token = token();
      try {
        long session = module.openSession(token.slot());
        try {
          return action.with(session, token);
        } finally {
          module.closeSession(session);
        }
      } catch (Cryptoki.Failure e) {
        throw explained(e, token);
      }
    }
  }

  private Cryptoki.TokenInfo token() {
    List<Cryptoki.TokenInfo> all;
    try {
      all =
          module.tokens().stream()
              .filter(one -> (one.flags() & Cryptoki.CKF_TOKEN_INITIALIZED) != 0)
              .toList();
    } catch (Cryptoki.Failure e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, "the PKCS#11 module cannot list its tokens: " + e.getMessage(), e);
    }
    List<Cryptoki.TokenInfo> fitting = all.stream().filter(this::fits).toList();
    String there =
        all.isEmpty()
            ? "No token is present; plug it in, or check the module's configuration."
            : "Present: "
                + all.stream()
                    .map(one -> "'" + Shown.text(one.label()) + "'")
                    .collect(Collectors.joining(", "))
                + ".";
    if (fitting.isEmpty()) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, "the token of %s is not present".formatted(shown()), there);
    }
    if (fitting.size() > 1) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          "%d tokens fit %s".formatted(fitting.size(), shown()),
          there + " Name one by token, serial or slot-id.");
    }
    return fitting.getFirst();
  }

  private boolean fits(Cryptoki.TokenInfo one) {
    return is("token", one.label())
        && is("manufacturer", one.manufacturer())
        && is("model", one.model())
        && is("serial", one.serial())
        && is("slot-id", Long.toString(one.slot()));
  }

  private boolean is(String attribute, String found) {
    return uri.attribute(attribute).map(found::equals).orElse(true);
  }

  private void login(long session, Cryptoki.TokenInfo token) {
    if ((token.flags() & Cryptoki.CKF_LOGIN_REQUIRED) == 0) {
      return;
    }
    try (Secret secret = pin.passwordFor("token '" + token.label() + "'")) {
      secret.use(text -> module.login(session, text));
    }
  }

  /** By what the URI tells the object from others. */
  private Map<Long, byte[]> wanted() {
    Map<Long, byte[]> wanted = new HashMap<>();
    uri.attribute("object")
        .ifPresent(label -> wanted.put(Cryptoki.CKA_LABEL, label.getBytes(StandardCharsets.UTF_8)));
    uri.attribute("id").ifPresent(id -> wanted.put(Cryptoki.CKA_ID, HexFormat.of().parseHex(id)));
    return wanted;
  }

  private long key(long session, Cryptoki.TokenInfo token) {
    Map<Long, byte[]> wanted = wanted();
    wanted.put(Cryptoki.CKA_CLASS, module.number(Cryptoki.CKO_PRIVATE_KEY));
    List<Long> found = module.find(session, wanted);
    if (found.size() == 1) {
      return found.getFirst();
    }
    List<Long> all =
        module.find(session, Map.of(Cryptoki.CKA_CLASS, module.number(Cryptoki.CKO_PRIVATE_KEY)));
    String labels =
        all.stream()
            .limit(20)
            .map(key ->
                module
                    .attribute(session, key, Cryptoki.CKA_LABEL)
                    .map(label -> new String(label, StandardCharsets.UTF_8))
                    .orElse(""))
            .map(label -> "'" + Shown.text(label) + "'")
            .collect(Collectors.joining(", "));
    throw new BullaException(
        ErrorCode.KEY_INVALID,
        found.isEmpty()
            ? "the token '%s' has no private key that fits %s"
                .formatted(Shown.text(token.label()), shown())
            : "the token '%s' has %d private keys that fit %s"
                .formatted(Shown.text(token.label()), found.size(), shown()),
        all.isEmpty()
            ? "It shows no private key at all."
            : "It has: " + labels + ". Name one by object or id.");
  }

  /** The identifying part of the URI; it holds no secret. */
  String shown() {
    return Pkcs11Uri.SCHEME
        + Shown.text(
            uri.path().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining(";")));
  }

  /** The module's own code in words, with what to do. */
  private BullaException explained(Cryptoki.Failure e, Cryptoki.TokenInfo token) {
    String name = "token '" + Shown.text(token.label()) + "': ";
    return switch ((int) e.code()) {
      case 0xa0, 0xa1, 0xa2 ->
          new BullaException(
              ErrorCode.KEY_INVALID,
              name + "the PIN is wrong",
              "Correct the PIN before you try again: a few wrong ones lock the token.",
              e);
      case 0xa3 -> new BullaException(ErrorCode.KEY_INVALID, name + "the PIN has expired", e);
      case 0xa4 ->
          new BullaException(
              ErrorCode.KEY_INVALID,
              name + "the PIN is locked after too many wrong ones",
              "The token's security officer can set a new PIN.",
              e);
      case 0x102 ->
          new BullaException(
              ErrorCode.KEY_INVALID,
              name + "no user PIN was ever set",
              "Initialise the token's user PIN with its maker's tool.",
              e);
      case 0x32, 0xe0 ->
          new BullaException(
              ErrorCode.KEY_INVALID, name + "it was taken away", "Plug the token in again.", e);
      case 0x70, 0x68 ->
          new BullaException(
              ErrorCode.KEY_UNSUPPORTED,
              name
                  + "the key or the token does not make this kind of signature ("
                  + e.getMessage()
                  + ")",
              e);
      default -> new BullaException(ErrorCode.KEY_INVALID, name + e.getMessage(), e);
    };
  }
}
