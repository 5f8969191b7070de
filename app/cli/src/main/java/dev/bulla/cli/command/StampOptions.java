package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.keys.KeyFiles;
import dev.bulla.signing.timestamp.HttpTimestamps;
import dev.bulla.signing.timestamp.TimestampSource;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who stamps what is made, and by which root the stamp is verified; the names are notation's. */
final class StampOptions {
  @Option(
      names = "--timestamp-url",
      paramLabel = "URL",
      description =
          "Have it stamped by this RFC 3161 authority (a signature in Notation's format, or an"
              + " evidence pack).")
  @Nullable String url;

  @Option(
      names = "--timestamp-root-cert",
      paramLabel = "FILE",
      description = "Root certificate of that authority; with --timestamp-url.")
  @Nullable String root;

  boolean given() {
    return url != null || root != null;
  }

  private void checkBoth() {
    if (url == null || root == null) {
      throw usage("--timestamp-url and --timestamp-root-cert go together");
    }
  }

  TimestampSource authority() {
    checkBoth();
    try {
      return new HttpTimestamps(new URI(String.valueOf(url)), new SecureRandom());
    } catch (URISyntaxException e) {
      throw usage("--timestamp-url is '%s', which is no address".formatted(Shown.text("" + url)));
    }
  }

  List<X509Certificate> roots(Session session) {
    checkBoth();
    return KeyFiles.certificates(session.existing(String.valueOf(root)));
  }

  private static BullaException usage(String reason) {
    return new BullaException(ErrorCode.USAGE, reason);
  }
}
