package dev.bulla.cli.command;

import dev.bulla.core.json.Json;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.pipeline.HomeIdentity;
import java.security.SecureRandom;
import java.time.InstantSource;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** {@code bulla key}: shows who signs in this home, making the identity if there is none. */
@CommandLine.Command(
    description = "Shows the signing identity of this home; makes one if there is none yet.")
public final class KeyCommand extends Command {
  @Override
  public int run(Session session) {
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
}
