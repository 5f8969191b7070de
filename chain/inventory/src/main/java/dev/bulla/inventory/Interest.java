package dev.bulla.inventory;

/** Decides by its path whether a file can hold evidence, without making a string of it. */
enum Interest {
  NONE(0),
  OS_RELEASE(64 * 1024),
  DPKG_STATUS(64 * 1024 * 1024),
  DPKG_STATUS_D(4 * 1024 * 1024),
  DPKG_FILES(64 * 1024 * 1024),
  COPYRIGHT(4 * 1024 * 1024),
  APK(256 * 1024 * 1024),
  RPM(1024 * 1024 * 1024),
  RPM_LOG(1024 * 1024 * 1024),
  RPM_OTHER(0),
  JAVA(2 * 1024 * 1024 * 1024L),
  NPM(8 * 1024 * 1024),
  NPM_ROOT(8 * 1024 * 1024),
  NPM_LOCK(0),
  PYTHON(8 * 1024 * 1024),
  /** Not by path: the file begins as a program does. */
  PROGRAM(4L * 1024 * 1024 * 1024);

  private static final String NODE_MODULES = "node_modules/";
  private static final String DEBIAN_NODE = "usr/share/nodejs/";
  private static final String[] JAVA_ENDINGS = {
    ".jar", ".war", ".ear", ".par", ".sar", ".nar", ".jpi", ".hpi", ".kar", ".lpkg"
  };

  private final long maxBytes;

  Interest(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** The largest file of this kind that is read. */
  long maxBytes() {
    return maxBytes;
  }

  /**
   * The interest in a path without leading slash.
   *
   * @param from index of its first byte
   * @param to index after its last byte
   */
  static Interest of(byte[] path, int from, int to) {
    if (to <= from) {
      return NONE;
    }
    Interest byEnding =
        switch (path[to - 1] | 0x20) {
          case 'r', 'i', 'g' -> java(path, from, to) ? JAVA : NONE;
          case 'e' -> endingE(path, from, to);
          case 's' -> endingS(path, from, to);
          case 't' -> endingT(path, from, to);
          case 'n' -> endingN(path, from, to);
          case 'o', 'a' -> python(path, from, to) ? PYTHON : NONE;
          case 'd' -> apk(path, from, to) ? APK : NONE;
          case 'b', 'l' -> rpmFile(path, from, to);
          default -> NONE;
        };
    return byEnding == NONE ? underStatusD(path, from, to) : byEnding;
  }

  private static Interest endingE(byte[] path, int from, int to) {
    if (is(path, from, to, "etc/os-release") || is(path, from, to, "usr/lib/os-release")) {
      return OS_RELEASE;
    }
    return ends(path, from, to, "/rpmdb.sqlite") && rpm(path, from, to) ? RPM : NONE;
  }

  private static boolean python(byte[] path, int from, int to) {
    return ends(path, from, to, ".dist-info/METADATA")
        || ends(path, from, to, ".egg-info/PKG-INFO")
        || ends(path, from, to, "EGG-INFO/PKG-INFO")
        || ends(path, from, to, ".egg-info");
  }

  private static boolean apk(byte[] path, int from, int to) {
    return is(path, from, to, "lib/apk/db/installed")
        || is(path, from, to, "usr/lib/apk/db/installed");
  }

  private static Interest rpmFile(byte[] path, int from, int to) {
    if (!rpm(path, from, to)) {
      return NONE;
    }
    if (ends(path, from, to, "/rpmdb.sqlite-wal")) {
      return RPM_LOG;
    }
    return ends(path, from, to, "/Packages.db") ? RPM_OTHER : NONE;
  }

  private static Interest endingS(byte[] path, int from, int to) {
    if (is(path, from, to, "var/lib/dpkg/status")) {
      return DPKG_STATUS;
    }
    if (is(path, from, to, "var/lib/rpm/Packages")
        || is(path, from, to, "usr/lib/sysimage/rpm/Packages")) {
      return RPM_OTHER;
    }
    return ends(path, from, to, ".md5sums") && dpkgInfo(path, from, to) ? DPKG_FILES : NONE;
  }

  private static Interest endingT(byte[] path, int from, int to) {
    if (ends(path, from, to, ".list") && starts(path, from, to, "var/lib/dpkg/info/")) {
      return DPKG_FILES;
    }
    return ends(path, from, to, "/copyright") && starts(path, from, to, "usr/share/doc/")
        ? COPYRIGHT
        : NONE;
  }

  private static Interest endingN(byte[] path, int from, int to) {
    if (ends(path, from, to, "/package.json") || is(path, from, to, "package.json")) {
      return npm(path, from, to - "package.json".length());
    }
    return ends(path, from, to, "/package-lock.json") || is(path, from, to, "package-lock.json")
        ? NPM_LOCK
        : NONE;
  }

  /**
   * {@code .../node_modules/NAME/} or {@code .../node_modules/@SCOPE/NAME/}; elsewhere it may be a
   * root.
   */
  private static Interest npm(byte[] path, int from, int directoryEnd) {
    int modules = lastModules(path, from, directoryEnd);
    if (modules < 0 && starts(path, from, directoryEnd, DEBIAN_NODE)) {
      modules = from + DEBIAN_NODE.length();
    }
    if (modules < 0) {
      return NPM_ROOT;
    }
    int slashes = 0;
    for (int i = modules; i < directoryEnd; i++) {
      slashes += path[i] == '/' ? 1 : 0;
    }
    boolean scoped = modules < directoryEnd && path[modules] == '@';
    return slashes == (scoped ? 2 : 1) ? NPM : NONE;
  }

  /** Index after the last path segment {@code node_modules/}, or -1. */
  private static int lastModules(byte[] path, int from, int to) {
    for (int i = to - NODE_MODULES.length(); i >= from; i--) {
      if (path[i] == 'n' && (i == from || path[i - 1] == '/') && matches(path, i, NODE_MODULES)) {
        return i + NODE_MODULES.length();
      }
    }
    return -1;
  }

  private static Interest underStatusD(byte[] path, int from, int to) {
    String folder = "var/lib/dpkg/status.d/";
    return path[from] == 'v' && starts(path, from, to, folder) && to - from > folder.length()
        ? DPKG_STATUS_D
        : NONE;
  }

  private static boolean dpkgInfo(byte[] path, int from, int to) {
    return starts(path, from, to, "var/lib/dpkg/info/")
        || starts(path, from, to, "var/lib/dpkg/status.d/");
  }

  private static boolean rpm(byte[] path, int from, int to) {
    return starts(path, from, to, "var/lib/rpm/")
        || starts(path, from, to, "usr/lib/sysimage/rpm/")
        || starts(path, from, to, "usr/share/rpm/");
  }

  /** Whether a name inside an archive, or a path, has the ending of a Java archive. */
  static boolean java(byte[] path, int from, int to) {
    for (String ending : JAVA_ENDINGS) {
      if (endsAnyCase(path, from, to, ending)) {
        return true;
      }
    }
    return false;
  }

  private static boolean endsAnyCase(byte[] path, int from, int to, String ending) {
    int start = to - ending.length();
    if (start < from) {
      return false;
    }
    for (int i = 0; i < ending.length(); i++) {
      int c = path[start + i];
      if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != ending.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean is(byte[] path, int from, int to, String text) {
    return to - from == text.length() && matches(path, from, text);
  }

  private static boolean ends(byte[] path, int from, int to, String text) {
    return to - from >= text.length() && matches(path, to - text.length(), text);
  }

  private static boolean starts(byte[] path, int from, int to, String text) {
    return to - from >= text.length() && matches(path, from, text);
  }

  private static boolean matches(byte[] path, int at, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (path[at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
