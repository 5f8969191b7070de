package dev.bulla.cli.command;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Signs one file, or several at once, and says what became of each. */
final class SignedFiles {
  private final Session session;
  private final boolean single;

  /**
   * @param single whether there is one file only: then its failure is that of the command
   */
  SignedFiles(Session session, boolean single) {
    this.session = session;
    this.single = single;
  }

  /**
   * What was made of a file.
   *
   * @param where the signature is
   * @param kind of it, as in the document
   */
  record Signed(String where, String kind) {}

  /** Signs all of them; the exit code is 1 if one of several failed. */
  int report(List<String> files, Function<String, Signed> sign) {
    if (single) {
      String file = files.getFirst();
      Signed signed = sign.apply(file);
      show(file, signed);
      session.document(document(file, signed));
      return 0;
    }
    ArrayNode results = Json.array();
    long failed =
        Batch.run(
                files,
                sign,
                outcome -> {
                  switch (outcome) {
                    case Batch.Outcome.Done<String, Signed>(String file, Signed signed) -> {
                      show(file, signed);
                      results.add(document(file, signed));
                    }
                    case Batch.Outcome.Failed<String, Signed>(String file, var why) ->
                        results.add(session.failure("file", file, why));
                  }
                })
            .stream()
            .filter(outcome -> outcome instanceof Batch.Outcome.Failed)
            .count();
    session.text().printf("%d of %d signed%n", files.size() - failed, files.size());
    ObjectNode document = Json.object();
    document.set("results", results);
    session.document(document);
    return failed == 0 ? 0 : ErrorCode.INTERNAL.exitCode();
  }

  private void show(String file, Signed signed) {
    session.text().printf("signed %s%n  %s%n", file, signed.where);
    session.text().flush();
  }

  private static ObjectNode document(String file, Signed signed) {
    return Json.object().put("file", file).put("signature", signed.where).put("type", signed.kind);
  }
}
