package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a PostgreSQL database is: {@code postgresql://[USER@]HOST[:PORT][,HOST…]/DATABASE[?…]}, as
 * libpq writes it, also with {@code postgres:} and after {@code jdbc:}.
 *
 * <p>No password can be in it, so it may be shown. The password is the first line of {@code
 * passwordFile}, or what the driver finds in {@code PGPASSFILE} or {@code ~/.pgpass}.
 *
 * @param user empty: the name of the system's user
 * @param hosts one or more {@code HOST[:PORT]}
 * @param options by name, of {@link #KNOWN}
 */
record PostgresUrl(String user, List<String> hosts, String database, Map<String, String> options) {
  private static final Pattern URL =
      Pattern.compile("(?:jdbc:)?postgres(?:ql)?://(?:([^@/?]*)@)?([^/?@]+)/([^/?]+)(?:\\?(.*))?");
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+)(?::(\\d{1,5}))?");
  private static final int DEFAULT_PORT = 5432;
  private static final int MAX_PASSWORD = 4096;
  private static final String PASSWORD_FILE = "passwordFile";

  /** What may be set; the rest of the driver's properties could load code or write files. */
  static final List<String> KNOWN =
      List.of(
          "user",
          PASSWORD_FILE,
          "sslmode",
          "sslrootcert",
          "sslcert",
          "sslkey",
          "currentSchema",
          "targetServerType");

  PostgresUrl {
    hosts = List.copyOf(hosts);
    options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /**
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID}
   */
  static PostgresUrl parse(String text) {
    Matcher url = URL.matcher(text);
    if (!url.matches()) {
      throw invalid(
          "the URL of the records is none of PostgreSQL",
          "Write postgresql://USER@HOST:5432/DATABASE, or sqlite:FILE.");
    }
    String user = decoded(Optional.ofNullable(url.group(1)).orElse(""));
    Map<String, String> options = options(Optional.ofNullable(url.group(4)).orElse(""));
    if (user.indexOf(':') >= 0 || options.containsKey("password")) {
      throw invalid(
          "the URL of the records holds a password",
          "Put the password into a file and add ?passwordFile=FILE, or use ~/.pgpass.");
    }
    String named = options.remove("user");
    options.keySet().forEach(PostgresUrl::requireKnown);
    List<String> hosts = new ArrayList<>();
    for (String host : url.group(2).split(",", -1)) {
      if (!HOST.matcher(host).matches()) {
        throw invalid("'" + Shown.text(host) + "' is not HOST or HOST:PORT", "");
      }
      hosts.add(host);
    }
    return new PostgresUrl(named != null ? named : user, hosts, decoded(url.group(3)), options);
  }

  /**
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID} if the password file cannot be
   *     read
   */
  void configure(PGSimpleDataSource source) {
    source.setServerNames(hosts.stream().map(PostgresUrl::nameOf).toArray(String[]::new));
    source.setPortNumbers(hosts.stream().mapToInt(PostgresUrl::portOf).toArray());
    source.setDatabaseName(database);
    if (!user.isEmpty()) {
      source.setUser(user);
    }
    try {
      for (Map.Entry<String, String> option : options.entrySet()) {
        if (option.getKey().equals(PASSWORD_FILE)) {
          source.setPassword(password(Path.of(option.getValue())));
        } else {
          source.setProperty(option.getKey(), option.getValue());
        }
      }
    } catch (java.sql.SQLException e) {
      throw invalid("an option of the URL of the records is wrong: " + e.getMessage(), "");
    }
  }

  @Override
  public String toString() {
    return "postgresql://%s%s/%s"
        .formatted(user.isEmpty() ? "" : user + "@", String.join(",", hosts), database);
  }

  private static String password(Path file) {
    if (!file.isAbsolute()) {
      throw invalid("the password file " + file + " must be named with its whole path", "");
    }
    try {
      if (Files.size(file) > MAX_PASSWORD) {
        throw invalid("the password file " + file + " is too large to be one", "");
      }
      return Files.readString(file).lines().findFirst().orElse("");
    } catch (IOException e) {
      throw invalid("the password file " + file + " cannot be read: " + DiskFaults.reason(e), "");
    }
  }

  private static Map<String, String> options(String query) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        options.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
      } else if (!pair.isEmpty()) {
        throw invalid("the URL of the records has an option without a value", "");
      }
    }
    return options;
  }

  private static void requireKnown(String option) {
    if (!KNOWN.contains(option)) {
      throw invalid(
          "the URL of the records has an unknown option '" + Shown.text(option) + "'",
          "Known are " + String.join(", ", KNOWN) + ".");
    }
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid("the URL of the records has a wrong percent-encoding", "");
    }
  }

  private static String nameOf(String host) {
    Matcher parts = HOST.matcher(host);
    return parts.matches() ? parts.group(1) : host;
  }

  private static int portOf(String host) {
    Matcher parts = HOST.matcher(host);
    return parts.matches() && parts.group(2) != null
        ? Integer.parseInt(parts.group(2))
        : DEFAULT_PORT;
  }

  private static BullaException invalid(String reason, String next) {
    return new BullaException(ErrorCode.CONFIGURATION_INVALID, reason, next);
  }
}
