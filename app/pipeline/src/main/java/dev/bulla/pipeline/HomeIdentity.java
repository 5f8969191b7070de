package dev.bulla.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.trust.TrustStore;
import dev.bulla.store.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who signs in this home, and the trust policy that believes it: made on first use, so that {@code
 * ship} works in an empty home and unmodified Notation verifies with {@code
 * NOTATION_CONFIG=$BULLA_HOME/trust}.
 */
public final class HomeIdentity {
  /** What verifications call the trust in this home's own key. */
  static final String AUTHORITY = "this-home";

  private static final String STORE = "bulla";

  private final Home home;
  private final SigningIdentity identity;

  private HomeIdentity(Home home, SigningIdentity identity) {
    this.home = home;
    this.identity = identity;
  }

  /**
   * Opens the identity, making it and the trust policy where they are missing. Existing files are
   * never changed.
   */
  public static HomeIdentity openOrCreate(Home home, InstantSource clock, SecureRandom random) {
    home.create();
    SigningIdentity identity =
        SigningIdentity.openOrCreate(
            home.keys(),
            clock,
            random,
            "Bulla signer of " + System.getProperty("user.name", "user"));
    HomeIdentity opened = new HomeIdentity(home, identity);
    opened.writeTrust();
    return opened;
  }

  public SigningIdentity identity() {
    return identity;
  }

  public Path publicKey() {
    return SigningIdentity.publicKeyFile(home.keys());
  }

  public Path trustPolicy() {
    return home.trust().resolve("trustpolicy.json");
  }

  /** The Bulla trust policy that believes this home, in both formats. */
  public Path bullaTrust() {
    return home.trust().resolve("trust.yaml");
  }

  /** The same for files. */
  public Path blobTrustPolicy() {
    return home.trust().resolve("trustpolicy.blob.json");
  }

  public Path trustStore() {
    return home.trust().resolve("truststore");
  }

  /** Belief in what this home's own key has signed in Cosign's form. */
  public CosignTrust cosignTrust() {
    return new CosignTrust(identity.signer().verifier(), AUTHORITY);
  }

  /**
   * The home's trust policy for a repository.
   *
   * @param repository host and path, as scopes of the policy name them
   */
  public NotationTrust notationTrust(String repository) {
    return new NotationTrust(
        TrustFiles.policy(trustPolicy()), TrustStore.directory(trustStore()), repository);
  }

  private void writeTrust() {
    Path root = trustStore().resolve("x509").resolve("ca").resolve(STORE).resolve("root.crt");
    try {
      if (!Files.exists(root)) {
        writeWhole(root, Certificates.pem(List.of(identity.root())));
      }
      if (!Files.exists(trustPolicy())) {
        writeWhole(trustPolicy(), Json.pretty(policy(false)));
      }
      if (!Files.exists(blobTrustPolicy())) {
        writeWhole(blobTrustPolicy(), Json.pretty(policy(true)));
      }
      if (!Files.exists(bullaTrust())) {
        writeWhole(bullaTrust(), HomeTrust.yaml(AUTHORITY, STORE).getBytes(UTF_8));
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.HOME_UNUSABLE,
          "cannot write the trust policy below " + home.trust() + ": " + e.getMessage(),
          "Make the directory writable, or choose another with --home.",
          e);
    }
  }

  /** Every repository, or every file; strict, our root, any identity below it. */
  private static ObjectNode policy(boolean files) {
    ObjectNode root = Json.object();
    root.put("version", "1.0");
    ObjectNode statement = root.putArray("trustPolicies").addObject();
    statement.put("name", AUTHORITY);
    if (files) {
      statement.put("globalPolicy", true);
    } else {
      statement.putArray("registryScopes").add("*");
    }
    statement.putObject("signatureVerification").put("level", "strict");
    statement.putArray("trustStores").add("ca:" + STORE);
    statement.putArray("trustedIdentities").add("*");
    return root;
  }

  private static void writeWhole(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.getParent());
    Path fresh = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".new");
    Files.write(fresh, bytes);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
