package dev.bulla.cli.command;

import dev.bulla.keys.Certificates;
import dev.bulla.keys.FileSigner;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.PasswordSource;
import dev.bulla.pipeline.HomeIdentity;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** With which private key to sign. */
final class SigningKeyOptions {
  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Private key: PEM (PKCS#8, PKCS#1, SEC 1) or cosign's encrypted form.")
  @Nullable String key;

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description = "Certificate chain of --key, leaf first; Notation needs one.")
  @Nullable String certificate;

  FileSigner signer(Session session) {
    if (key == null) {
      return HomeIdentity.openOrCreate(session.home(), InstantSource.system(), new SecureRandom())
          .identity()
          .signer();
    }
    FileSigner signer =
        KeyFiles.signer(
            session.existing(key), PasswordSource.environment(session.invocation().environment()));
    return certificate == null
        ? signer
        : signer.withChain(
            Certificates.parseAll(InputFiles.read(session, certificate), certificate));
  }
}
