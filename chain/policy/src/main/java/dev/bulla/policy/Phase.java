package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Nearest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Where in the chain a decision is taken. It fixes which sections of the facts can exist at all.
 */
public enum Phase {
  /** Before a template is built: the template and its resolved inputs are known, nothing else. */
  BUILD_PRE("build.pre", Set.of(Section.TEMPLATE)),
  /** Before an image is signed and published: its statements are known as verified. */
  BUILD_POST("build.post", Section.EVIDENCE),
  /** When somebody wants to use an image; the same evidence, judged as of then. */
  DEPLOY("deploy", Section.EVIDENCE);

  private final String id;
  private final Set<Section> sections;

  Phase(String id, Set<Section> sections) {
    this.id = id;
    this.sections = sections;
  }

  public String id() {
    return id;
  }

  /** The sections that exist in this phase. */
  public Set<Section> sections() {
    return sections;
  }

  /**
   * @throws BullaException {@link ErrorCode#POLICY_INVALID} if there is no such phase
   */
  public static Phase parse(String id) {
    List<String> known = Arrays.stream(values()).map(Phase::id).toList();
    return Arrays.stream(values())
        .filter(phase -> phase.id.equals(id))
        .findFirst()
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.POLICY_INVALID,
                "there is no phase '%s'; phases are %s"
                    .formatted(Shown.text(id), String.join(", ", known)),
                Nearest.to(id, known).map(near -> "Did you mean '" + near + "'?").orElse("")));
  }
}
