package dev.bulla.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hot questions walk indexes, from the few to the many; no table is read from end to end. */
class PlansTest {
  @TempDir Path folder;

  private void assertPlan(String question, String... steps) throws SQLException {
    Path file = folder.resolve("graph.db");
    Samples.emptyGraph(folder).close();
    List<String> plan = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        PreparedStatement explain = connection.prepareStatement("EXPLAIN QUERY PLAN " + question);
        ResultSet rows = explain.executeQuery()) {
      while (rows.next()) {
        plan.add(rows.getString("detail"));
      }
    }
    List<String> accesses = plan.stream().filter(step -> step.matches("(SCAN|SEARCH) .*")).toList();
    assertThat(accesses).as(String.join("\n", plan)).hasSize(steps.length);
    for (int i = 0; i < steps.length; i++) {
      assertThat(accesses.get(i)).as(String.join("\n", plan)).startsWith(steps[i]);
    }
  }

  @Test
  void releasesWithAPackage() throws SQLException {
    assertPlan(
        ContentQuestions.HOLDERS,
        "SCAN wanted VIRTUAL TABLE",
        "SEARCH m USING COVERING INDEX set_member_package (package_id=?)",
        "SEARCH s USING COVERING INDEX image_set_set (set_id=?)",
        "SEARCH a USING PRIMARY KEY (image_id=? AND document_id=?)",
        "SEARCH r USING INDEX release_image (image_id=?)");
    assertPlan(
        PackageSelection.VERSIONS_OF_NAME,
        "SEARCH n USING COVERING INDEX package_name_key (type=? AND name=?)",
        "SEARCH v USING COVERING INDEX package_version_key (name_id=?)");
  }

  @Test
  void contentsOfARelease() throws SQLException {
    assertPlan(
        ContentQuestions.CONTENTS,
        "SEARCH s USING PRIMARY KEY (image_id=?)",
        "SEARCH a USING PRIMARY KEY (image_id=? AND document_id=?)",
        "SEARCH m USING",
        "SEARCH v USING INTEGER PRIMARY KEY",
        "SEARCH n USING INTEGER PRIMARY KEY");
  }

  @Test
  void releasesExposedToAVulnerability() throws SQLException {
    assertPlan(
        ExposureQuestions.BY_ADVISORIES,
        "SCAN wanted VIRTUAL TABLE",
        "SEARCH n USING COVERING INDEX vulnerability_alias_group (vulnerability_id=?)",
        "SEARCH f USING PRIMARY KEY (name=?)",
        "SEARCH m USING INDEX set_member_package (package_id=?)",
        "SEARCH s USING COVERING INDEX image_set_set (set_id=?)",
        "SEARCH a USING PRIMARY KEY (image_id=? AND document_id=?)",
        "SEARCH r USING INDEX release_image (image_id=?)");
    assertPlan(
        ExposureQuestions.BY_SCANS,
        "SCAN wanted VIRTUAL TABLE",
        "SEARCH n USING COVERING INDEX vulnerability_alias_group (vulnerability_id=?)",
        "SEARCH f USING COVERING INDEX finding_name (name=?)",
        "SEARCH a USING PRIMARY KEY (image_id=? AND document_id=?)",
        "SEARCH r USING INDEX release_image (image_id=?)");
  }

  @Test
  void vulnerabilitiesOfARelease() throws SQLException {
    assertPlan(
        ExposureQuestions.OF_IMAGE,
        "SEARCH s USING PRIMARY KEY (image_id=?)",
        "SEARCH a USING PRIMARY KEY (image_id=? AND document_id=?)",
        "SEARCH m USING PRIMARY KEY (set_id=?)",
        "SEARCH f USING COVERING INDEX affects_package (package_id=?)",
        "SEARCH n USING PRIMARY KEY (alias=?)");
    assertPlan(
        ExposureQuestions.OF_IMAGE_BY_SCANS,
        "SEARCH a USING PRIMARY KEY (image_id=?)",
        "SEARCH f USING PRIMARY KEY (image_id=? AND document_id=?)",
        "SEARCH n USING PRIMARY KEY (alias=?)");
  }

  @Test
  void lists() throws SQLException {
    assertPlan(
        RecordQuestions.RELEASES,
        "SEARCH r USING INDEX release_order (shipped=? AND id<?)",
        "SEARCH i USING INTEGER PRIMARY KEY");
    assertPlan(RecordQuestions.REFUSED, "SEARCH d USING INDEX decision_refused (id<?)");
    assertPlan(
        RecordQuestions.EVIDENCE,
        "SEARCH e USING INDEX evidence_key (image_id=?)",
        "SEARCH d USING INTEGER PRIMARY KEY");
  }
}
