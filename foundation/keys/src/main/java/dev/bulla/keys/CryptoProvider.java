package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who checks ECDSA signatures in this process: Bouncy Castle, which is always there, or the Amazon
 * Corretto Crypto Provider (ACCP), native code that takes a tenth of the time and is used where it
 * is on the class path, loads and passes its self test. It is never registered with the JDK.
 *
 * <p>Loading it takes about half a second, more than a process that verifies one image and ends can
 * win back. So {@link Choice#AUTOMATIC} begins with Bouncy Castle and loads it in the background
 * once {@value #WORTH_IT} signatures were checked; what lives long calls {@link #loadNow} when it
 * starts. Which of the two answers never changes an answer: the same vectors are run against both.
 *
 * <p>The choice is the one thing that is global here, because native code is loaded once for a
 * process. Thread-safe.
 */
public final class CryptoProvider {
  /** The environment variable by which the {@code bulla} command is told. */
  public static final String VARIABLE = "BULLA_CRYPTO";

  private static final int WORTH_IT = 64;

  private static final Object LOADING = new Object();
  private static final AtomicInteger CHECKED = new AtomicInteger();
  private static volatile State state = new State(Choice.AUTOMATIC, false, null, "not loaded yet");

  private CryptoProvider() {}

  /** What the user wants. */
  public enum Choice {
    /** The native provider if it is there, as soon as it is worth it. */
    AUTOMATIC,
    /** Java code only. */
    JDK,
    /** The native provider from the first signature on, if it is there. */
    NATIVE;

    /**
     * From {@code auto}, {@code jdk}, {@code native}, or the empty text for the default.
     *
     * @throws BullaException {@link ErrorCode#USAGE} for another text
     */
    public static Choice parse(String text) {
      return switch (text) {
        case "", "auto" -> AUTOMATIC;
        case "jdk" -> JDK;
        case "native" -> NATIVE;
        default ->
            throw new BullaException(
                ErrorCode.USAGE,
                "%s is '%s', expected auto, jdk or native".formatted(VARIABLE, Shown.text(text)));
      };
    }
  }

  private record State(Choice choice, boolean tried, @Nullable NativeEcdsa engine, String why) {}

  /** Decides for the whole process, from now on; ACCP that was loaded stays loaded, unused. */
  public static void choose(Choice choice) {
    synchronized (LOADING) {
      state = new State(choice, false, null, "not loaded yet");
      CHECKED.set(0);
    }
    if (choice == Choice.NATIVE) {
      loadNow();
    }
  }

  /**
   * Loads the native provider now, unless {@link Choice#JDK} was chosen; takes about half a second
   * the first time.
   *
   * @return whether it is used
   */
  public static boolean loadNow() {
    synchronized (LOADING) {
      if (state.choice != Choice.JDK && !state.tried) {
        state = load(state.choice);
      }
      return state.engine != null;
    }
  }

  private static State load(Choice choice) {
    try {
      NativeEcdsa engine = NativeEcdsa.load();
      return new State(choice, true, engine, "");
    } catch (NativeEcdsa.Unusable e) {
      return new State(choice, true, null, String.valueOf(e.getMessage()));
    }
  }

  /** Whether native code was loaded, or is being loaded, into this process. */
  public static boolean isNative() {
    return state.engine != null || CHECKED.get() >= WORTH_IT;
  }

  /** Who checks ECDSA signatures now, and if it is not the native provider, why. */
  public static String description() {
    State now = state;
    if (now.engine != null) {
      return now.engine.toString();
    }
    return "Bouncy Castle"
        + (now.choice == Choice.JDK ? "" : " (native provider: " + now.why + ")");
  }

  /** The native engine, if it is to be used for the signature at hand. */
  static Optional<NativeEcdsa> ecdsa() {
    State now = state;
    if (now.engine == null
        && now.choice == Choice.AUTOMATIC
        && !now.tried
        && CHECKED.incrementAndGet() == WORTH_IT) {
      Thread loading = new Thread(CryptoProvider::loadNow, "bulla-crypto-provider");
      loading.setDaemon(true);
      loading.start();
    }
    return Optional.ofNullable(now.engine);
  }
}
