package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which trust policy decides what readers of some repositories may see.
 *
 * @param glob of repositories: {@code *} stands for any characters but a slash, {@code **} for any
 *     characters
 * @param unsignedPush what becomes of a push by tag that is not admitted
 * @param hide whether readers are told that content is not there, instead of why it is refused
 * @param name of this registry, as the scopes of the trust policy name it
 * @param trust the document, for the {@link ImageJudge}; it brings along all that it needs
 * @param policy what must hold of what is believed, for the judge too; empty if nothing must
 */
public record Binding(
    String glob,
    Mode mode,
    UnsignedPush unsignedPush,
    boolean hide,
    String name,
    byte[] trust,
    byte[] policy) {

  /** What a binding does. */
  public enum Mode {
    /** Nothing: everything is visible. */
    OPEN,
    /** Decides and records, and lets everybody see everything. */
    AUDIT,
    /** Readers see what is admitted. */
    ENFORCE
  }

  /** What becomes of an image pushed by tag before its evidence. */
  public enum UnsignedPush {
    /** It waits, and becomes visible with its evidence. */
    PEND,
    /** It is refused: the evidence must be there first. */
    REFUSE
  }

  private static final Pattern GLOB = Pattern.compile("[a-z0-9*][a-z0-9*._/-]{0,254}");

  public Binding {
    if (!GLOB.matcher(glob).matches()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is not a pattern of repositories".formatted(Shown.text(glob)),
          "Write repositories without host, for example 'team/*' or 'team/**'.");
    }
  }

  /** A binding without a policy bundle. */
  public Binding(
      String glob, Mode mode, UnsignedPush unsignedPush, boolean hide, String name, byte[] trust) {
    this(glob, mode, unsignedPush, hide, name, trust, new byte[0]);
  }

  /** The digest of both documents: what decisions are taken by. */
  public Digest digest() {
    Digest first = Digest.sha256(trust);
    return policy.length == 0
        ? first
        : Digest.sha256((first + "\n" + Digest.sha256(policy)).getBytes(StandardCharsets.US_ASCII));
  }

  /** Whether anything is decided by it. */
  public boolean decides() {
    return mode != Mode.OPEN;
  }

  boolean matches(String repository) {
    return pattern().matcher(repository).matches();
  }

  /** How much of a name the pattern fixes: among those that match, the one with most counts. */
  int weight() {
    return glob.replace("*", "").length() * 2 + (glob.contains("*") ? 0 : 1);
  }

  private Pattern pattern() {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      if (glob.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else if (glob.charAt(i) == '*') {
        regex.append("[^/]*");
      } else {
        regex.append(Pattern.quote(glob.substring(i, i + 1)));
      }
    }
    return Pattern.compile(regex.toString());
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static <E extends Enum<E>> E parse(Class<E> type, String what, String text) {
    for (E one : type.getEnumConstants()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(text)) {
        return one;
      }
    }
    throw new BullaException(
        ErrorCode.USAGE,
        "%s is '%s', expected one of %s"
            .formatted(
                what,
                Shown.text(text),
                Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Binding b
        && glob.equals(b.glob)
        && mode == b.mode
        && unsignedPush == b.unsignedPush
        && hide == b.hide
        && name.equals(b.name)
        && Arrays.equals(trust, b.trust)
        && Arrays.equals(policy, b.policy);
  }

  @Override
  public int hashCode() {
    return glob.hashCode();
  }
}
