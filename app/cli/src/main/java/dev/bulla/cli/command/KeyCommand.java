package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.KeyPairFiles;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.LocalSigner;
import dev.bulla.keys.PasswordSource;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.keys.Secret;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.signing.SigningKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla key}: who signs in this home, and key pairs of one's own. */
@CommandLine.Command(
    description = {
      "Shows the signing identity of this home (made if there is none), makes and imports key"
          + " pairs, prints public keys."
    },
    footer = {
      "",
      "generate  a new key pair in cosign's form: PREFIX.key, encrypted, and PREFIX.pub",
      "import    the same with a private key that exists (--key)",
      "public    print the public key of --key",
      "",
      "The password is $COSIGN_PASSWORD (it may be empty) or the first line of --password-file.",
      "",
      "Examples:",
      "  bulla key",
      "  bulla key generate --algorithm ecdsa-p384 --output-key-prefix release",
      "  bulla key import --key old.pem --output-key-prefix release",
      "  bulla key public --key release.key"
    })
public final class KeyCommand extends Command {
  @CommandLine.Parameters(
      index = "0",
      arity = "0..1",
      defaultValue = "show",
      paramLabel = "generate|import|public",
      description = "What to do (default: show the identity).")
  String verb = "show";

  @Mixin private final KeySource source = new KeySource();

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      description =
          "generate: ecdsa-p256 (default), ecdsa-p384, ecdsa-p521, ed25519, rsa-2048, rsa-3072,"
              + " rsa-4096; with --experimental ml-dsa-65.")
  @Nullable String algorithm;

  @Option(
      names = {"-o", "--output-key-prefix"},
      paramLabel = "PREFIX",
      description = "generate, import: name of the two files (default: cosign, import-cosign).")
  @Nullable String prefix;

  @Option(
      names = "--source-password-file",
      paramLabel = "FILE",
      description = "import: first line: the password of --key, if it has another than the copy.")
  @Nullable String sourcePasswordFile;

  @Option(
      names = "--experimental",
      description = "generate, import: allow ML-DSA-65, which other tools do not read yet.")
  boolean experimental;

  @Option(
      names = "--force",
      description = "generate, import, public: replace files that are there.")
  boolean force;

  @Option(
      names = "--outfile",
      paramLabel = "FILE",
      description = "public: write there instead of standard output; a file that is there is lost.")
  @Nullable String outfile;

  @Override
  public int run(Session session) {
    check(
        switch (verb) {
          case "generate" ->
              "--algorithm --experimental --output-key-prefix --password-file --force";
          case "import" ->
              "--key --key-alias --output-key-prefix --password-file --source-password-file"
                  + " --experimental --force";
          case "public" -> "--key --key-alias --key-env --password-file --outfile --force";
          case "show" -> "";
          default ->
              throw usage("'%s' is not generate, import or public".formatted(Shown.text(verb)));
        });
    return switch (verb) {
      case "generate" -> write(session, wanted().generate(new SecureRandom()), "cosign");
      case "import" -> write(session, imported(session), "import-cosign");
      case "public" -> publicKey(session);
      default -> show(session);
    };
  }

  private KeyAlgorithm wanted() {
    KeyAlgorithm wanted = KeyAlgorithm.parse(algorithm == null ? "ecdsa-p256" : algorithm);
    if (wanted.isExperimental() && !experimental) {
      throw experimental(wanted.id());
    }
    return wanted;
  }

  private static BullaException experimental(String what) {
    return new BullaException(
        ErrorCode.USAGE,
        what + " is experimental: other signing tools do not read such keys yet",
        "Give --experimental.");
  }

  /** Options of another verb are a mistake, not to be passed over. */
  private void check(String allowed) {
    refuseUnless(source.key == null, "--key", allowed);
    refuseUnless(source.alias == null, "--key-alias", allowed);
    refuseUnless(source.variables.isEmpty(), "--key-env", allowed);
    refuseUnless(source.passwordFile == null, "--password-file", allowed);
    refuseUnless(sourcePasswordFile == null, "--source-password-file", allowed);
    refuseUnless(algorithm == null, "--algorithm", allowed);
    refuseUnless(prefix == null, "--output-key-prefix", allowed);
    refuseUnless(!force, "--force", allowed);
    refuseUnless(!experimental, "--experimental", allowed);
    refuseUnless(outfile == null, "--outfile", allowed);
  }

  private void refuseUnless(boolean absent, String option, String allowed) {
    if (!absent && !(" " + allowed + " ").contains(" " + option + " ")) {
      throw usage(
          option + " says nothing to 'bulla key" + (allowed.isEmpty() ? "" : " " + verb) + "'");
    }
  }

  private LocalSigner imported(Session session) {
    SigningKeys keys =
        new SigningKeys(
            session.invocation().workingDirectory(),
            session.invocation().environment(),
            sourcePasswordFile == null
                ? source.passwords(session)
                : PasswordSource.file(session.existing(sourcePasswordFile)));
    if ((source.alias == null ? keys : keys.withAlias(source.alias)).open(named())
        instanceof LocalSigner signer) {
      if (signer.verifier().type() == KeyType.ML_DSA_65 && !experimental) {
        throw experimental(Shown.text(named()));
      }
      return signer;
    }
    throw new BullaException(
        ErrorCode.KEY_UNSUPPORTED,
        Shown.text(named()) + ": the private key does not leave its place and cannot be copied");
  }

  private int write(Session session, LocalSigner signer, String defaultPrefix) {
    KeyPairFiles files = KeyPairFiles.at(session.path(prefix == null ? defaultPrefix : prefix));
    try (Secret password =
        source.passwords(session).passwordFor(files.privateKey().getFileName().toString())) {
      files.write(signer, password, new SecureRandom(), force);
    }
    ObjectNode document = described(signer.verifier());
    document.put("privateKey", files.privateKey().toString());
    document.put("publicKey", files.publicKey().toString());
    session.document(document);
    session.text().printf("private key  %s (encrypted)%n", files.privateKey());
    session.text().printf("public key   %s%n", files.publicKey());
    session.text().printf("fingerprint  %s%n", signer.verifier().fingerprint());
    return 0;
  }

  private int publicKey(Session session) {
    PublicKeyVerifier key = source.keys(session).publicKey(named());
    byte[] pem = KeyFiles.publicKeyPem(key);
    if (outfile != null) {
      try {
        Path file = session.path(outfile);
        if (Files.isRegularFile(file)) {
          OutputFiles.refuseExisting(file, force);
        }
        Files.write(file, pem);
      } catch (IOException e) {
        throw new BullaException(
            ErrorCode.HOME_UNUSABLE, outfile + ": cannot be written: " + e.getMessage(), e);
      }
    } else if (!session.json()) {
      session.raw(pem);
    }
    session.document(
        described(key).put("publicKeyPem", new String(pem, StandardCharsets.US_ASCII)));
    return 0;
  }

  private String named() {
    if (source.key == null) {
      throw usage("'bulla key " + verb + "' needs --key");
    }
    return source.key;
  }

  private static ObjectNode described(PublicKeyVerifier key) {
    ObjectNode document = Json.object();
    document.put("type", key.type().name());
    document.put("bits", key.bits());
    document.put("fingerprint", key.fingerprint());
    return document;
  }

  private static int show(Session session) {
    boolean there = SigningIdentity.exists(session.home().keys());
    HomeIdentity home =
        HomeIdentity.openOrCreate(session.home(), InstantSource.system(), new SecureRandom());
    var leaf = home.identity().signer().certificateChain().getFirst();
    ObjectNode document = Json.object();
    document.put("created", !there);
    document.put("subject", leaf.getSubjectX500Principal().getName());
    document.put("fingerprint", home.identity().signer().verifier().fingerprint());
    document.put("notBefore", leaf.getNotBefore().toInstant().toString());
    document.put("notAfter", leaf.getNotAfter().toInstant().toString());
    document.put("publicKey", home.publicKey().toString());
    document.put("trustPolicy", home.trustPolicy().toString());
    document.put("trustStore", home.trustStore().toString());
    if (session.json()) {
      session.document(document);
    } else {
      document
          .properties()
          .forEach(field ->
              session.text().printf("%-13s%s%n", field.getKey(), field.getValue().asString()));
    }
    return 0;
  }

  private static BullaException usage(String reason) {
    return new BullaException(ErrorCode.USAGE, reason);
  }
}
