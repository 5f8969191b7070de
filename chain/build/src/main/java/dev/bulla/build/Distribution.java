package dev.bulla.build;

import java.util.List;

/** Where a finished image goes. */
public sealed interface Distribution {
  /** Name of this output in the result of a run; unique in the template. */
  String runOutputName();

  List<String> tags();

  /**
   * A repository of a registry.
   *
   * @param repository with a host ({@code registry.example.org/team/app}), or a bare path, to which
   *     the run adds its registry
   */
  record Registry(String runOutputName, String repository, List<String> tags)
      implements Distribution {
    public Registry {
      tags = List.copyOf(tags);
    }
  }

  /**
   * An OCI layout directory.
   *
   * @param path relative to the template's directory
   */
  record OciLayout(String runOutputName, String path, List<String> tags) implements Distribution {
    public OciLayout {
      tags = List.copyOf(tags);
    }
  }
}
