package dev.bulla.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.KeyFiles;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.cosign.TrustedSigner;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two thousand changes to bundles that verify: none is accepted unless the changed place says
 * nothing.
 */
class TamperedBundleTest {
  private static final int CHANGES = 2000;

  /**
   * A place that decides nothing.
   *
   * @param where in lower case, without underscores
   * @param in which bundles
   */
  private record Silent(Pattern where, Predicate<Good> in, String why) {
    Silent(String where, Predicate<Good> in, String why) {
      this(Pattern.compile(where), in, why);
    }
  }

  private static final String PROOF = ".*/inclusionproof/";

  private static final List<Silent> SILENT =
      List.of(
          new Silent(".*/publickey(/hint)?", good -> true, "a hint"),
          new Silent(".*/canonicalizedbody", Good::isOfSecondRekor, "built anew; as above"),
          new Silent(
              ".*/timestampverificationdata.*",
              good -> good.byKey() || !good.isOfSecondRekor(),
              "a key needs no time; the first Rekor's promise proves one too"),
          new Silent(
              ".*/inclusionpromise.*",
              good -> good.byKey() || good.has("signedTimestamp"),
              "without it a proof and a timestamp are enough"),
          new Silent(
              PROOF + "checkpoint/envelope", Good::hasWitnesses, "lines of unknown witnesses"));

  @TempDir static Path directory;

  private static final List<Good> GOOD = new ArrayList<>();

  /** A bundle that verifies. */
  private record Good(String name, JsonNode bundle, Path artifact, CosignTrust trust) {
    boolean byKey() {
      return trust.signer() instanceof TrustedSigner.Key;
    }

    boolean isOfSecondRekor() {
      return !has("signedEntryTimestamp");
    }

    /** Whether the checkpoint has signature lines beside the log's. */
    boolean hasWitnesses() {
      return bundle.toString().chars().filter(c -> c == '\u2014').count() > 1;
    }

    boolean has(String member) {
      return bundle.toString().contains('"' + member + '"');
    }

    boolean accepts(JsonNode changed) {
      try {
        return new VerifyBlob().verify(artifact, Json.write(changed), trust).accepted();
      } catch (BullaException e) {
        return false;
      }
    }
  }

  @BeforeAll
  static void readTheGoodOnes() throws IOException {
    for (String set : List.of("conformance", "instance")) {
      Path home = PeerFixtures.unpack("sigstore-" + set + ".zip", directory.resolve(set));
      byte[] cases = Files.readAllBytes(home.resolve("cases.json"));
      for (Fields one : Fields.of(Json.parse(cases, "cases"), "cases").objects("cases")) {
        if (one.string("expect").equals("accept")) {
          GOOD.add(good(home, one));
        }
      }
    }
  }

  @Test
  void noChangeOfWhatCountsIsAccepted() {
    Random random = new Random(20261121);
    TreeSet<String> accepted = new TreeSet<>();
    for (int i = 0; i < CHANGES; i++) {
      Good good = GOOD.get(i % GOOD.size());
      JsonNode changed = good.bundle.deepCopy();
      String place = change(changed, random);
      if (good.accepts(changed) && !isSilent(place, good)) {
        accepted.add(place + " of " + good.name);
      }
    }
    assertThat(accepted).isEmpty();
  }

  private static boolean isSilent(String place, Good good) {
    String where = place.replace("_", "").toLowerCase(Locale.ROOT);
    return SILENT.stream().anyMatch(one -> one.where.matcher(where).matches() && one.in.test(good));
  }

  @Test
  void theUnchangedOnesAreAccepted() {
    assertThat(GOOD).hasSizeGreaterThan(30).allMatch(good -> good.accepts(good.bundle));
  }

  /** Changes one place and says which. */
  private static String change(JsonNode root, Random random) {
    List<JsonNode> owners = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    collect(root, "", owners, paths);
    int at = random.nextInt(owners.size());
    if (owners.get(at) instanceof ArrayNode array) {
      int index = random.nextInt(array.size());
      if (random.nextBoolean()) {
        array.remove(index);
      } else {
        array.set(index, altered(array.get(index), random));
      }
      return paths.get(at);
    }
    ObjectNode object = (ObjectNode) owners.get(at);
    List<String> names = new ArrayList<>(object.propertyNames());
    String name = names.get(random.nextInt(names.size()));
    if (random.nextInt(4) == 0) {
      object.remove(name);
    } else {
      object.set(name, altered(object.get(name), random));
    }
    return paths.get(at) + "/" + name;
  }

  private static void collect(
      JsonNode node, String path, List<JsonNode> owners, List<String> paths) {
    if (node.isContainer() && !node.isEmpty()) {
      owners.add(node);
      paths.add(path);
      if (node instanceof ObjectNode object) {
        object
            .propertyNames()
            .forEach(name -> collect(object.get(name), path + "/" + name, owners, paths));
      } else {
        node.forEach(element -> collect(element, path + "/#", owners, paths));
      }
    }
  }

  /**
   * One letter of a text replaced by another, a number by its successor, a structure by nothing.
   */
  private static JsonNode altered(JsonNode value, Random random) {
    if (value.isString() && !value.stringValue().isEmpty()) {
      StringBuilder text = new StringBuilder(value.stringValue());
      int at = random.nextInt(text.length());
      char old = text.charAt(at);
      text.setCharAt(at, old == 'A' ? 'B' : old == '1' ? '2' : Character.isDigit(old) ? '1' : 'A');
      return Json.object().put("value", text.toString()).get("value");
    }
    if (value.isNumber()) {
      return Json.object().put("value", value.longValue() + 1).get("value");
    }
    return Json.object();
  }

  private static Good good(Path home, Fields one) throws IOException {
    TrustedRoot root =
        TrustedRoot.parse(Files.readAllBytes(home.resolve(one.string("trusted_root"))));
    CosignTrust trust =
        one.has("key")
            ? new CosignTrust(KeyFiles.verifier(home.resolve(one.string("key"))), "key")
                .withTrustedRoot(root)
            : new CosignTrust(
                new SignerIdentity(
                    TextPattern.exactly(one.string("certificate_identity")),
                    TextPattern.exactly(one.string("certificate_oidc_issuer"))),
                root,
                "identity");
    return new Good(
        one.string("name"),
        Json.parse(Files.readAllBytes(home.resolve(one.string("bundle"))), "bundle"),
        home.resolve(one.string("artifact")),
        trust);
  }
}
