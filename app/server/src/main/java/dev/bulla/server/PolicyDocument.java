package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.policy.PolicyBundle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/**
 * A policy bundle as a binding keeps it, one JSON document: {@code name} of the file, by which JSON
 * is told from YAML, and {@code document}, its text.
 */
public record PolicyDocument(byte[] bytes, PolicyBundle bundle) {
  private static final int MAX_BYTES = 1024 * 1024;

  /**
   * Reads a bundle's file.
   *
   * @throws BullaException as {@link PolicyBundle#load}
   */
  public static PolicyDocument collect(Path file) {
    PolicyBundle.load(file); // for its messages, which name the file
    try (InputStream in = Files.newInputStream(file)) {
      byte[] text = in.readNBytes(MAX_BYTES);
      ObjectNode document = Json.object();
      document.put("name", String.valueOf(file.getFileName()));
      document.put("document", new String(text, StandardCharsets.UTF_8));
      return parse(Json.write(document));
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read the policy " + file, e);
    }
  }

  /**
   * @throws BullaException as {@link PolicyBundle#parse}, or an error of JSON
   */
  public static PolicyDocument parse(byte[] bytes) {
    Fields fields =
        Fields.of(Json.parse(bytes, "policy document"), "policy document").only("name", "document");
    byte[] text = fields.string("document").getBytes(StandardCharsets.UTF_8);
    return new PolicyDocument(bytes, PolicyBundle.parse(text, fields.string("name")));
  }
}
