package dev.bulla.core.json;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
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
 * YAML 1.2 read into the JSON model under the rules of {@link Json}: duplicate keys and oversized
 * documents are refused, aliases ({@code *name}) where nobody expects them, and no object is
 * constructed from a tag.
 */
public final class Yaml {
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final LoadSettings SETTINGS =
      LoadSettings.builder()
          .setAllowDuplicateKeys(false)
          .setMaxAliasesForCollections(20)
          .setCodePointLimit(MAX_BYTES)
          .build();
  private static final YAMLMapper MAPPER =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .loadSettings(SETTINGS)
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
    String text = text(bytes, what);
    try {
      refuseAliases(text, what);
      return present(MAPPER.readTree(text), what);
    } catch (JacksonException e) {
      throw Json.refusal(what, e);
    }
  }

  /**
   * As {@link #parse}, but aliases and merge keys are written out, as kubectl does; at most {@value
   * YamlAliases#MAX_ALIASED} values may come from aliases. The result is not to be changed: parts
   * of it are shared.
   *
   * @throws BullaException as {@link Json#parse(byte[], String)}; {@link ErrorCode#INPUT_TOO_LARGE}
   *     for more values than that
   */
  public static JsonNode parseWithAliases(byte[] bytes, String what) {
    String text = text(bytes, what);
    try {
      return present(new YamlAliases(new Parse(SETTINGS).parseString(text), what).read(), what);
    } catch (MarkedYamlEngineException e) {
      String place =
          e.getProblemMark()
              .map(at -> " at line %d, column %d".formatted(at.getLine() + 1, at.getColumn() + 1))
              .orElse("");
      String context = e.getContext() == null ? "" : e.getContext() + ", ";
      throw new BullaException(
          ErrorCode.JSON_MALFORMED, what + place + ": " + Shown.text(context + e.getProblem()), e);
    } catch (YamlEngineException e) {
      throw new BullaException(
          ErrorCode.JSON_MALFORMED, what + ": " + Shown.text(String.valueOf(e.getMessage())), e);
    }
  }

  private static String text(byte[] bytes, String what) {
    if (bytes.length > MAX_BYTES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: %d bytes, at most %d are read".formatted(what, bytes.length, MAX_BYTES));
    }
    Json.checkUtf8(bytes, what);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static JsonNode present(@Nullable JsonNode node, String what) {
    if (node == null || node.isMissingNode()) {
      throw new BullaException(ErrorCode.JSON_MALFORMED, what + ": the document is empty");
    }
    return node;
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
