package dev.bulla.signing.kms;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.signing.program.OwnedFile;
import dev.bulla.signing.program.SmallEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key behind a program, written {@code NAME://KEY}: the program {@code sigstore-kms-NAME} on PATH
 * knows what KEY means.
 */
public record KmsReference(String name, String key) {
  private static final Pattern FORM = Pattern.compile("([a-z][a-z0-9+.-]{0,63})://(.{0,4000})");
  private static final String PREFIX = "sigstore-kms-";

  /** By which variables the kinds of key services that cosign knows are told where and who. */
  private static final Map<String, List<String>> VARIABLES =
      Map.of(
          "awskms", List.of("AWS_"),
          "azurekms", List.of("AZURE_", "IDENTITY_", "MSI_"),
          "gcpkms", List.of("GOOGLE_", "CLOUDSDK_", "GCE_METADATA_"),
          "hashivault", List.of("VAULT_", "TRANSIT_SECRET_ENGINE_PATH"),
          "openbao", List.of("BAO_", "VAULT_", "TRANSIT_SECRET_ENGINE_PATH"),
          "k8s", List.of("KUBECONFIG", "KUBERNETES_"));

  /** Empty if {@code reference} is not of this form. */
  public static Optional<KmsReference> parse(String reference) {
    Matcher parts = FORM.matcher(reference);
    return parts.matches()
        ? Optional.of(new KmsReference(parts.group(1), parts.group(2)))
        : Optional.empty();
  }

  /**
   * The program, in the first absolute directory of a PATH that has it; a relative one would run
   * whatever lies where the user happens to be. It runs with the user's rights, so nobody but the
   * user and root may have put it there.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if there is none, or others can write it
   */
  Path program(String searchPath) {
    for (String written : searchPath.split(":", -1)) {
      Path directory = Path.of(written);
      Path program = directory.resolve(PREFIX + name);
      if (directory.isAbsolute() && Files.isRegularFile(program) && Files.isExecutable(program)) {
        return owned(program);
      }
    }
    throw new BullaException(
        ErrorCode.KEY_INVALID,
        "%s: no program '%s' in an absolute directory of PATH"
            .formatted(this, Shown.text(PREFIX + name)),
        instead());
  }

  /** What somebody can do who is used to a program that has drivers of its own. */
  private String instead() {
    return switch (name) {
      case "http", "https" ->
          "Keys are not fetched from an address: download it, compare it with what its owner says,"
              + " and give the file.";
      case "k8s" ->
          "Take the key out of the secret: kubectl get secret NAME -n NAMESPACE"
              + " -o jsonpath='{.data.cosign\\.pub}' | base64 -d (or cosign\\.key), and give the"
              + " file.";
      case "github", "gitlab" ->
          "In a job, give env://COSIGN_PRIVATE_KEY to sign and env://COSIGN_PUBLIC_KEY to verify.";
      default ->
          "Install that program: Bulla speaks to key services through such programs only. To"
              + " verify, the public key in a file will do.";
    };
  }

  /**
   * What the program sees: the usual variables, those of its service ({@code AWS_…} for {@code
   * awskms}; {@code LAB_HSM_…} for a program {@code sigstore-kms-lab-hsm} of one's own), and those
   * that are named.
   */
  Map<String, String> seen(Map<String, String> environment, Set<String> named) {
    String own = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_") + "_";
    List<String> begin = VARIABLES.getOrDefault(name, List.of(own));
    return SmallEnvironment.of(
        environment,
        variable -> named.contains(variable) || begin.stream().anyMatch(variable::startsWith));
  }

  private Path owned(Path program) {
    Optional<String> objection;
    try {
      Path real = program.toRealPath();
      objection = OwnedFile.objection(real, false);
      for (Path directory :
          List.of(program.resolveSibling("").toRealPath(), real.resolveSibling(""))) {
        objection = objection.isPresent() ? objection : OwnedFile.objection(directory, true);
      }
    } catch (IOException e) {
      objection = Optional.of(program + " cannot be examined: " + e);
    }
    if (objection.isEmpty()) {
      return program;
    }
    throw new BullaException(
        ErrorCode.KEY_INVALID,
        "%s: the program is not run: %s".formatted(this, objection.get()),
        "Install it where only you or root can write.");
  }

  @Override
  public String toString() {
    return Shown.text(name + "://" + key);
  }
}
