package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A place in an image's file system, relative to its root: {@code app/lib/x.jar}; the root itself
 * is empty.
 *
 * <p>Ordered by the bytes of its UTF-8 form, whatever the locale, so that a parent always comes
 * before what it holds. A path never holds {@code .}, {@code ..}, an empty component, a NUL, or a
 * name that a layer reads as a whiteout.
 */
public record ImagePath(String text) implements Comparable<ImagePath> {
  public static final ImagePath ROOT = new ImagePath("");

  /** Linux: NAME_MAX and PATH_MAX, in bytes. */
  private static final int MAX_NAME = 255;

  private static final int MAX_PATH = 4095;
  private static final String WHITEOUT = ".wh.";

  public ImagePath {
    if (!text.isEmpty()) {
      for (String name : text.split("/", -1)) {
        checkName(name, text);
      }
    }
    if (utf8(text).length > MAX_PATH) {
      throw escape(text, "is longer than " + MAX_PATH + " bytes");
    }
  }

  /**
   * Reads a destination of a template: an absolute path, or one relative to the root.
   *
   * @throws BullaException {@link ErrorCode#PATH_ESCAPE} if it climbs out of the root or cannot be
   *     a path in a layer
   */
  public static ImagePath parse(String text) {
    return of(text.startsWith("/") ? text.replaceFirst("^/+", "") : text, text);
  }

  /**
   * Reads the name of an archive's member; unlike a destination it must be relative.
   *
   * @throws BullaException {@link ErrorCode#PATH_ESCAPE}
   */
  public static ImagePath member(String name) {
    if (name.startsWith("/")) {
      throw escape(name, "is absolute, and an archive's member must be relative");
    }
    return of(name, name);
  }

  private static ImagePath of(String relative, String shown) {
    List<String> names = new ArrayList<>();
    for (String name : relative.split("/", -1)) {
      if (name.equals("..")) {
        throw escape(shown, "holds '..'");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return new ImagePath(String.join("/", names));
  }

  public boolean isRoot() {
    return text.isEmpty();
  }

  /** The directory that holds this path; the root is its own parent. */
  public ImagePath parent() {
    int slash = text.lastIndexOf('/');
    return slash < 0 ? ROOT : new ImagePath(text.substring(0, slash));
  }

  public String name() {
    return text.substring(text.lastIndexOf('/') + 1);
  }

  public ImagePath resolve(ImagePath below) {
    return isRoot() ? below : below.isRoot() ? this : new ImagePath(text + "/" + below.text);
  }

  public ImagePath child(String name) {
    return new ImagePath(isRoot() ? name : text + "/" + name);
  }

  /** Whether this path lies below {@code directory}, at any depth. */
  public boolean isBelow(ImagePath directory) {
    return directory.isRoot() ? !isRoot() : text.startsWith(directory.text + "/");
  }

  /**
   * Whether a symbolic link here with this target stays inside the root when its text is followed.
   */
  public boolean holdsLink(String target) {
    int depth = target.startsWith("/") || isRoot() ? 0 : text.split("/").length - 1;
    for (String name : target.split("/")) {
      if (name.equals("..")) {
        depth--;
      } else if (!name.isEmpty() && !name.equals(".")) {
        depth++;
      }
      if (depth < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * By code points, which is the order of the UTF-8 bytes (and, with surrogates, not that of Java's
   * strings).
   */
  @Override
  public int compareTo(ImagePath other) {
    int common = Math.min(text.length(), other.text.length());
    for (int i = 0; i < common; i++) {
      char mine = text.charAt(i);
      char theirs = other.text.charAt(i);
      if (mine != theirs) {
        boolean supplementary = Character.isSurrogate(mine);
        return supplementary == Character.isSurrogate(theirs)
            ? mine - theirs
            : supplementary ? 1 : -1;
      }
    }
    return text.length() - other.text.length();
  }

  /** As people write it: with a leading slash. */
  @Override
  public String toString() {
    return "/" + text;
  }

  private static void checkName(String name, String shown) {
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw escape(shown, "is not a normalised path");
    }
    if (name.indexOf('\0') >= 0) {
      throw escape(shown, "holds a NUL");
    }
    if (name.startsWith(WHITEOUT)) {
      throw escape(
          shown, "holds a name that starts with '.wh.', which a layer reads as a deletion");
    }
    if (utf8(name).length > MAX_NAME) {
      throw escape(shown, "holds a name longer than " + MAX_NAME + " bytes");
    }
  }

  private static byte[] utf8(String text) {
    try {
      var bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (CharacterCodingException e) {
      throw escape(text, "is not well-formed Unicode");
    }
  }

  private static BullaException escape(String text, String why) {
    return new BullaException(
        ErrorCode.PATH_ESCAPE,
        "the path '%s' %s".formatted(Shown.text(text), why),
        "Use a path below the root of the image, without '..'.");
  }
}
