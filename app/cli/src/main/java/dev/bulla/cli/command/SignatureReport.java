package dev.bulla.cli.command;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Signs references and tells what was signed: each as soon as it is, all in one document. */
final class SignatureReport {
  private final Session session;
  private final boolean recursive;
  private final ArrayNode images = Json.array();
  private boolean single;

  /**
   * @param recursive whether a reference stands for several manifests
   */
  SignatureReport(Session session, boolean recursive) {
    this.session = session;
    this.recursive = recursive;
  }

  /**
   * The exit code. One reference that cannot be signed fails the command; of several, the others
   * are signed all the same, and the code is 1.
   */
  int tell(List<String> references, Function<String, List<ImageSigning.Signed>> sign) {
    single = references.size() == 1 && !recursive;
    if (references.size() == 1) {
      String reference = references.getFirst();
      sign.apply(reference).forEach(signed -> tell(reference, signed));
      session.document(single ? images.get(0) : document());
      return 0;
    }
    long failed =
        Batch.run(references, sign, this::tell).stream()
            .filter(outcome -> outcome instanceof Batch.Outcome.Failed)
            .count();
    session.text().printf("%d of %d signed%n", references.size() - failed, references.size());
    session.document(document());
    return failed == 0 ? 0 : ErrorCode.INTERNAL.exitCode();
  }

  private void tell(Batch.Outcome<String, List<ImageSigning.Signed>> outcome) {
    switch (outcome) {
      case Batch.Outcome.Done<String, List<ImageSigning.Signed>>(String reference, var all) ->
          all.forEach(signed -> tell(reference, signed));
      case Batch.Outcome.Failed<String, List<ImageSigning.Signed>>(String reference, var why) ->
          images.add(session.failure("reference", reference, why));
    }
  }

  private void tell(String reference, ImageSigning.Signed signed) {
    ObjectNode document = images.addObject();
    document.put("reference", reference);
    document.put("digest", signed.part().descriptor().digest().toString());
    if (!single) {
      document.put("part", signed.part().name());
    }
    ArrayNode signatures = document.putArray("signatures");
    session
        .text()
        .printf(
            "signed %s%s%n",
            signed.part().descriptor().digest(), single ? "" : " " + signed.part().name());
    for (Descriptor one : signed.made()) {
      String kind = one.artifactType().orElse(one.mediaType());
      signatures.addObject().put("digest", one.digest().toString()).put("type", kind);
      session.text().printf("  %s%n", one.digest());
    }
    session.text().flush();
  }

  private ObjectNode document() {
    ObjectNode document = Json.object();
    document.set("images", images);
    return document;
  }
}
