package dev.bulla.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Json;
import dev.bulla.core.json.Yaml;
import dev.bulla.core.statement.Statement;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/**
 * Every parser of bytes that strangers send: they may be refused, with a code, and nothing else may
 * happen.
 */
class CoreFuzz {

  @FuzzTest(maxDuration = "30s")
  void reference(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    try {
      Reference reference = Reference.parse(text);
      assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
    } catch (BullaException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.REFERENCE_INVALID);
    }
  }

  @FuzzTest(maxDuration = "30s")
  void digest(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    try {
      assertThat(Digest.parse(text)).hasToString(text);
    } catch (BullaException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.DIGEST_INVALID);
    }
  }

  @FuzzTest(maxDuration = "30s")
  void json(byte[] data) {
    try {
      JsonNode node = Json.parse(data, "document");
      assertThat(Json.parse(Json.write(node), "again")).isEqualTo(node);
      byte[] canonical = Json.canonical(node);
      assertThat(Json.canonical(Json.parse(canonical, "canonical"))).isEqualTo(canonical);
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void yaml(byte[] data) {
    try {
      assertThat(Yaml.parse(data, "document")).isNotNull();
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void yamlAliases(byte[] data) {
    try {
      JsonNode node = Yaml.parseWithAliases(data, "document");
      assertThat(values(node)).isLessThan(11_000 + data.length);
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }

  private static int values(JsonNode node) {
    int values = 1;
    for (JsonNode below : node) {
      values += values(below);
    }
    return values;
  }

  @FuzzTest(maxDuration = "30s")
  void statement(byte[] data) {
    try {
      Statement statement = Statement.parse(data);
      assertThat(Statement.parse(statement.toJson())).isEqualTo(statement);
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void envelope(byte[] data) {
    try {
      DsseEnvelope envelope = DsseEnvelope.parse(Json.parse(data, "envelope"), "envelope");
      assertThat(DsseEnvelope.parse(envelope.toJson(), "again").toBeSigned())
          .isEqualTo(envelope.toBeSigned());
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }
}
