package dev.bulla.oci;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class LayoutDirectoryContract extends RepositoryContract {
  @TempDir Path dir;
  private Repository layout;

  @BeforeEach
  void create() {
    layout = Layout.create(dir.resolve("layout"));
  }

  @Override
  Repository repository() {
    return layout;
  }
}
