package dev.bulla.core.json;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.nio.charset.StandardCharsets;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * YAML 1.2 read into the JSON model under the rules of {@link Json}: duplicate keys, aliases
 * ({@code *name}) and oversized documents are refused, no object is constructed from a tag.
 */
public final class Yaml {
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final YAMLMapper MAPPER =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .loadSettings(
                      LoadSettings.builder()
                          .setAllowDuplicateKeys(false)
                          .setMaxAliasesForCollections(20)
                          .setCodePointLimit(MAX_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                  .enable(YAMLWriteFeature.LITERAL_BLOCK_STYLE)
                  .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
                  .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Yaml() {}

  /**
   * Parses one YAML document of at most 4 MiB; JSON is YAML, but files that end in {@code .json} go
   * through {@link Json}.
   *
   * @throws BullaException as {@link Json#parse(byte[], String)}
   */
  public static JsonNode parse(byte[] bytes, String what) {
    if (bytes.length > MAX_BYTES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: %d bytes, at most %d are read".formatted(what, bytes.length, MAX_BYTES));
    }
    Json.checkUtf8(bytes, what);
    try {
      String text = new String(bytes, StandardCharsets.UTF_8);
      refuseAliases(text, what);
      JsonNode node = MAPPER.readTree(text);
      if (node == null || node.isMissingNode()) {
        throw new BullaException(ErrorCode.JSON_MALFORMED, what + ": the document is empty");
      }
      return node;
    } catch (JacksonException e) {
      throw Json.refusal(what, e);
    }
  }

  /** The document as YAML, in the order of the members, without anchors and tags. */
  public static byte[] write(JsonNode document) {
    return MAPPER.writeValueAsString(document).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The JSON model has no aliases, and the parser would hand on the alias's name as if it were the
   * value.
   */
  private static void refuseAliases(String text, String what) {
    try (JsonParser parser = MAPPER.createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
          throw new BullaException(
              ErrorCode.JSON_MALFORMED,
              "%s at line %d: the alias *%s"
                  .formatted(
                      what,
                      parser.currentTokenLocation().getLineNr(),
                      Shown.text(parser.getString())),
              "Write the value out; aliases are not read.");
        }
      }
    }
  }
}
