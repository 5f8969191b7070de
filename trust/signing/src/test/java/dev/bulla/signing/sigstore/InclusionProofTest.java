package dev.bulla.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The inclusion vectors of transparency-dev/merkle (testdata, Apache-2.0). */
class InclusionProofTest {
  @TestFactory
  Stream<DynamicTest> everyVectorIsJudgedRightly() throws IOException {
    return vectors().stream()
        .map(one -> DynamicTest.dynamicTest(one.string("name"), () -> judge(one)));
  }

  @Test
  void theSetIsComplete() throws IOException {
    assertThat(vectors()).hasSize(98);
  }

  private static void judge(Fields one) {
    if (!one.node().get("leafIdx").canConvertToLong()
        || !one.node().get("treeSize").canConvertToLong()) {
      return; // no such number is read from a bundle
    }
    List<byte[]> hashes = one.strings("proof").stream().map(InclusionProofTest::base64).toList();
    InclusionProof proof =
        new InclusionProof(
            one.integer("leafIdx"), one.integer("treeSize"), new byte[0], hashes, "");
    boolean leads =
        hashes.stream().allMatch(hash -> hash.length == 32)
            && proof
                .root(base64(one.string("leafHash")))
                .filter(root -> Arrays.equals(root, base64(one.string("root"))))
                .isPresent();
    assertThat(leads)
        .as(one.string("desc"))
        .isEqualTo(!one.optionalBoolean("wantErr").orElse(false));
  }

  private static List<Fields> vectors() throws IOException {
    try (InputStream in = InclusionProofTest.class.getResourceAsStream("merkle-inclusion.json")) {
      return Fields.of(Json.parse(in.readAllBytes(), "vectors"), "vectors").objects("vectors");
    }
  }

  private static byte[] base64(String text) {
    return Base64.getDecoder().decode(text);
  }
}
