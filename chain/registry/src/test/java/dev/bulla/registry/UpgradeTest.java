package dev.bulla.registry;

import static dev.bulla.registry.Caller.content;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Homes that an earlier version wrote. */
class UpgradeTest {
  private static final long LONG_AGO = 1_700_000_000_000L;

  @TempDir Path home;

  @Test
  void aHomeOfTheFifthVersionOfTheTablesKeepsWhatItHas() throws Exception {
    Assumptions.assumeFalse(TrialStores.isShared(), "an earlier version knew SQLite alone");
    byte[] layer = content(2_000);
    byte[] manifest = Json.write(image(layer));
    Digest digest = Digest.sha256(manifest);
    Flyway.configure()
        .dataSource(url(), "", "")
        .locations("classpath:db/registry/sqlite")
        .table("schema_history_registry")
        .target("5")
        .load()
        .migrate();
    try (Connection records = DriverManager.getConnection(url())) {
      write(records, layer, manifest);
    }
    store(layer);

    try (TrialServer server = TrialServer.start(home);
        Caller caller = new Caller(server.address())) {
      assertThat(caller.call("GET", "/v2/team/app/manifests/v1").body()).isEqualTo(manifest);
      assertThat(caller.call("GET", "/v2/team/app/blobs/" + Digest.sha256(layer)).body())
          .isEqualTo(layer);
      assertThat(server.registry().projects().isPublic("team")).isTrue();
      server.registry().upkeep().collect(CollectionRules.STANDARD, Progress.UNHEARD);
      assertThat(caller.call("GET", "/v2/team/app/manifests/" + digest).body()).isEqualTo(manifest);
      assertThat(server.registry().upkeep().usage().projects().getFirst().name()).isEqualTo("team");
      assertThat(caller.push("team/app", content(10))).isNotNull();
      assertThat(caller.putManifest("team/app", "v2", image(layer)).statusCode()).isEqualTo(201);
    }
  }

  private static ObjectNode image(byte[] layer) {
    ObjectNode image = Json.object().put("schemaVersion", 2);
    image.put("mediaType", "application/vnd.oci.image.manifest.v1+json");
    image.set("config", part("application/vnd.oci.image.config.v1+json", layer));
    image.putArray("layers").add(part("application/vnd.oci.image.layer.v1.tar", layer));
    return image;
  }

  private static ObjectNode part(String type, byte[] bytes) {
    return Json.object()
        .put("mediaType", type)
        .put("digest", Digest.sha256(bytes).toString())
        .put("size", bytes.length);
  }

  private static void write(Connection records, byte[] layer, byte[] manifest) throws SQLException {
    String part = Digest.sha256(layer).toString();
    String image = Digest.sha256(manifest).toString();
    run(records, "INSERT INTO project (name, open, anonymous_pull) VALUES ('team', 1, 1)");
    run(records, "INSERT INTO repository (id, name, created) VALUES (1, 'team/app', ?)", LONG_AGO);
    run(
        records,
        "INSERT INTO blob (digest, size, created, touched) VALUES (?, ?, ?, ?)",
        part,
        layer.length,
        LONG_AGO,
        LONG_AGO);
    run(records, "INSERT INTO link (repository, digest, touched) VALUES (1, ?, ?)", part, LONG_AGO);
    run(
        records,
        "INSERT INTO manifest (id, repository, digest, media_type, size, pushed, bytes)"
            + " VALUES (1, 1, ?, 'application/vnd.oci.image.manifest.v1+json', ?, ?, ?)",
        image,
        manifest.length,
        LONG_AGO,
        manifest);
    run(records, "INSERT INTO edge (manifest, child, role) VALUES (1, ?, 'CONFIG')", part);
    run(records, "INSERT INTO edge (manifest, child, role) VALUES (1, ?, 'LAYER')", part);
    run(
        records,
        "INSERT INTO tag (repository, name, digest, moved) VALUES (1, 'v1', ?, ?)",
        image,
        LONG_AGO);
  }

  private static void run(Connection records, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = records.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  private void store(byte[] layer) throws Exception {
    String hex = Digest.sha256(layer).hex();
    Path file = home.resolve("blobs/sha256").resolve(hex.substring(0, 2));
    file = file.resolve(hex.substring(2, 4)).resolve(hex);
    Files.createDirectories(file.getParent());
    Files.write(file, layer);
  }

  private String url() {
    return "jdbc:sqlite:" + home.resolve("records.db");
  }
}
