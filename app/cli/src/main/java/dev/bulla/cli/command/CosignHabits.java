package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options of cosign, older versions included, that say something else here or nothing: whoever is
 * used to them is told what to write instead of being told that they are unknown.
 */
final class CosignHabits {
  @Option(
      names = {"--certificate-chain", "--ca-roots", "--ca-intermediates"},
      hidden = true)
  @Nullable String authorities;

  @Option(names = "--insecure-ignore-sct", hidden = true, arity = "0..1", fallbackValue = "true")
  @Nullable String ignoreSct;

  @Option(names = "--use-signed-timestamps", hidden = true, arity = "0..1", fallbackValue = "true")
  @Nullable String stamps;

  @Option(
      names = {"--sk", "--slot"},
      hidden = true,
      arity = "0..1",
      fallbackValue = "")
  @Nullable String card;

  @Option(names = "--rekor-url", hidden = true)
  @Nullable String log;

  @Option(names = "--local-image", hidden = true, arity = "0..1", fallbackValue = "true")
  @Nullable String local;

  @Option(
      names = {"--new-bundle-format", "--experimental-oci11"},
      hidden = true,
      arity = "0..1",
      fallbackValue = "true")
  @Nullable String format;

  /**
   * Passes over what changes nothing here.
   *
   * @throws BullaException {@link ErrorCode#USAGE} with what to write instead
   */
  void check() {
    Map<String, String> instead = new LinkedHashMap<>();
    put(
        instead,
        "--certificate-chain, --ca-roots and --ca-intermediates",
        authorities,
        "Put the authority into a trusted root, with 'cosign trusted-root create --fulcio', and"
            + " give --trusted-root FILE.");
    put(
        instead,
        "--insecure-ignore-sct",
        ignoreSct,
        "Certificates must be logged if the trusted root names such logs: give one without them.");
    put(instead, "--use-signed-timestamps", stamps, "Write --require-timestamp.");
    put(
        instead,
        "--sk and --slot",
        card,
        "Name the token by its PKCS#11 module: --key 'pkcs11:…?module-path=…/libykcs11.so'.");
    put(instead, "--rekor-url", log, "Verifying asks no log: its proof lies with the signature.");
    put(instead, "--local-image", local, "Write --oci-layout PATH@DIGEST.");
    instead.forEach((option, next) -> {
      throw new BullaException(
          ErrorCode.USAGE, "cosign's " + option + ": not an option here", next);
    });
  }

  private static void put(
      Map<String, String> instead, String option, @Nullable String given, String next) {
    if (given != null && !given.equals("false")) {
      instead.put(option, next);
    }
  }
}
