import dev.bulla.cli.Bulla;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.server.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Changes valid signatures at random and asks both Bulla and the unmodified program that made them.
 * Bulla must not accept what the peer refuses; where it refuses what the peer accepts, {@code
 * justified.txt} must say why. Bulla runs as its own command, in this process.
 *
 * <p>Arguments: directory of the archives, directory of the peers, number of changes, seed, file of
 * the justified differences; then, if wanted, the number of one change, to be shown in full.
 */
public final class Differential {
  private enum Answer {
    ACCEPTED,
    REFUSED,
    FAILED
  }

  private record Said(Answer answer, int code, String text) {}

  private record Case(int number, Material material, String how, Said peer, Said bulla) {
    boolean tooLax() {
      return bulla.answer == Answer.ACCEPTED && peer.answer != Answer.ACCEPTED;
    }

    boolean tooStrict() {
      return bulla.answer != Answer.ACCEPTED && peer.answer == Answer.ACCEPTED;
    }

    String line() {
      Said reason = tooLax() ? peer : bulla;
      return "%s | %s | %s | %s"
          .formatted(material.format(), tooLax() ? "lax" : "strict", how, shown(reason.text));
    }
  }

  /** A line of justified.txt: format, lax or strict, where it happens, what is said, why. */
  private record Justified(String kind, Pattern where, Pattern said, String why) {
    boolean covers(Case one) {
      return one.material.format().matches(kind.split(" ")[0])
          && kind.endsWith(one.tooLax() ? "lax" : "strict")
          && where.matcher(one.how).find()
          && said.matcher(one.tooLax() ? one.peer.text : one.bulla.text).find();
    }
  }

  private final Path peers;
  private final Path work;
  private final Registry registry;
  private final Path notation;

  private Differential(Path peers, Path work, Registry registry) throws IOException {
    this.peers = peers;
    this.work = work;
    this.registry = registry;
    this.notation = Files.createDirectories(work.resolve("notation"));
  }

  public static void main(String[] arguments) throws Exception {
    Path work = Files.createTempDirectory("differential");
    int code;
    try (Registry registry = new Registry()) {
      code =
          new Differential(Path.of(arguments[1]), work, registry)
              .run(
                  Path.of(arguments[0]),
                  Integer.parseInt(arguments[2]),
                  Long.parseLong(arguments[3]),
                  Path.of(arguments[4]),
                  arguments.length > 5 ? Integer.parseInt(arguments[5]) : -1);
    }
    System.out.flush();
    System.exit(code);
  }

  private int run(Path archives, int count, long seed, Path justified, int only) throws Exception {
    List<Material> all = Material.all(archives, work);
    Path fixture = work.resolve("peers/notation");
    Files.copy(fixture.resolve("policies/strict.json"), notation.resolve("trustpolicy.json"));
    Files.createSymbolicLink(notation.resolve("truststore"), fixture.resolve("truststore"));
    List<Material> valid = new ArrayList<>();
    for (Material one : all) {
      Case unchanged = judge(-1, one, "nothing", one.evidence(), manifest(one));
      if (unchanged.peer.answer == Answer.ACCEPTED && unchanged.bulla.answer == Answer.ACCEPTED) {
        valid.add(one);
      } else {
        System.out.printf(
            "left out: %s %s: peer %s, bulla %s%n",
            one.format(),
            one.name(),
            shown(unchanged.peer.toString()),
            shown(unchanged.bulla.toString()));
      }
    }
    System.out.printf("%d valid signatures, %d changes, seed %d%n", valid.size(), count, seed);
    if (only >= 0) {
      Case one = change(only, valid, new Random(seed * 1_000_003 + only));
      System.out.println(one.material.name() + ": " + one.how + "\n" + one.peer + "\n" + one.bulla);
      return 0;
    }
    List<Case> cases = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(2)) {
      List<Callable<Case>> jobs = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        jobs.add(() -> change(number, valid, new Random(seed * 1_000_003 + number)));
      }
      for (var done : threads.invokeAll(jobs)) {
        cases.add(done.get());
      }
    }
    return report(cases, read(justified));
  }

  private Case change(int number, List<Material> valid, Random random) throws Exception {
    List<String> formats = valid.stream().map(Material::format).distinct().toList();
    String format = formats.get(number % formats.size());
    List<Material> same = valid.stream().filter(one -> one.format().equals(format)).toList();
    Material one = same.get(random.nextInt(same.size()));
    Material other = same.get(random.nextInt(same.size()));
    Mutator mutator = new Mutator(random);
    byte[] evidence = one.evidence();
    byte[] manifest = manifest(one);
    boolean outer =
        one instanceof Material.Image && random.nextInt(one.format().equals("legacy") ? 2 : 4) == 0;
    if (outer) {
      manifest = mutator.change(manifest, manifest(other));
      return judge(number, one, "manifest " + mutator.done(), evidence, manifest);
    }
    evidence = mutator.change(evidence, other.evidence());
    if (one instanceof Material.Image) {
      manifest = withLayer(manifest, evidence);
    }
    return judge(number, one, mutator.done(), evidence, manifest);
  }

  private static byte[] manifest(Material one) {
    return one instanceof Material.Image image ? image.manifest() : new byte[0];
  }

  /** The manifest with the changed layer named rightly, so that the change is looked at. */
  private static byte[] withLayer(byte[] manifest, byte[] evidence) {
    JsonNode read = Json.parse(manifest, "manifest");
    ObjectNode layer = (ObjectNode) read.get("layers").get(0);
    layer.put("digest", Digest.sha256(evidence).toString()).put("size", evidence.length);
    return Json.write(read);
  }

  private Case judge(int number, Material one, String how, byte[] evidence, byte[] manifest)
      throws Exception {
    return switch (one) {
      case Material.Blob blob -> {
        Path bundle = work.resolve("bundle" + number + ".json");
        Files.write(bundle, evidence);
        List<String> words = new ArrayList<>(List.of("verify-blob", "--bundle", bundle.toString()));
        words.addAll(blob.who());
        List<String> theirs = new ArrayList<>(words);
        if (blob.format().equals("blob-key")) {
          theirs.add("--insecure-ignore-tlog=true");
        }
        theirs.add(blob.artifact().toString());
        words.add(blob.artifact().toString());
        Said peer = peer("cosign", theirs);
        if (peer.answer == Answer.REFUSED && blob.format().equals("blob-keyless")) {
          theirs.add(1, "--use-signed-timestamps"); // which Bulla looks at without being told
          peer = peer("cosign", theirs);
        }
        Case judged = new Case(number, one, how, peer, bulla(words));
        Files.delete(bundle);
        yield judged;
      }
      case Material.Image image -> {
        String repository = "case" + (number + 1) + "/" + image.name();
        String reference = registry.serve(repository, image, evidence, manifest);
        Case judged =
            image.format().startsWith("notation")
                ? new Case(
                    number,
                    one,
                    how,
                    peer("notation", List.of("verify", "--insecure-registry", reference)),
                    bulla(
                        List.of(
                            "verify",
                            "--notation-config",
                            notation.toString(),
                            "--offline",
                            reference)))
                : new Case(
                    number,
                    one,
                    how,
                    peer(
                        "cosign",
                        List.of(
                            "verify",
                            "--key",
                            image.who().get(1),
                            "--insecure-ignore-tlog=true",
                            "--allow-http-registry=true",
                            reference)),
                    bulla(List.of("verify", "--key", image.who().get(1), reference)));
        registry.forget(repository);
        yield judged;
      }
    };
  }

  private Said peer(String program, List<String> words) throws Exception {
    List<String> command = new ArrayList<>(List.of(peers.resolve(program).toString()));
    command.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("NOTATION_CONFIG", notation.toString());
    builder.environment().put("HOME", work.toString());
    builder.environment().put("TUF_ROOT", work.resolve("tuf").toString());
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return new Said(Answer.FAILED, -1, "no end");
    }
    int code = process.exitValue();
    return new Said(code == 0 ? Answer.ACCEPTED : Answer.REFUSED, code, text);
  }

  private Said bulla(List<String> words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    int code =
        new Bulla()
            .run(
                new Invocation(
                    words,
                    work,
                    Map.of("BULLA_HOME", work.resolve("home").toString(), "HOME", work.toString()),
                    InputStream.nullInputStream(),
                    print,
                    print,
                    false));
    Answer answer = code == 0 ? Answer.ACCEPTED : code == 3 ? Answer.REFUSED : Answer.FAILED;
    return new Said(answer, code, out.toString(StandardCharsets.UTF_8));
  }

  private static int report(List<Case> cases, List<Justified> justified) {
    Map<String, int[]> table = new TreeMap<>();
    Map<String, Integer> reasons = new TreeMap<>();
    List<Case> wrong = new ArrayList<>();
    List<Case> unlisted = new ArrayList<>();
    for (Case one : cases) {
      int[] row = table.computeIfAbsent(one.material.format(), format -> new int[6]);
      row[0]++;
      row[1] += one.peer.answer == Answer.ACCEPTED ? 1 : 0;
      row[2] += one.bulla.answer == Answer.ACCEPTED ? 1 : 0;
      if (one.bulla.answer == Answer.FAILED) {
        row[5]++;
        wrong.add(one);
      }
      if (one.tooLax() || one.tooStrict()) {
        row[one.tooLax() ? 3 : 4]++;
        var why = justified.stream().filter(line -> line.covers(one)).findFirst();
        why.ifPresentOrElse(
            line -> reasons.merge(line.kind + ": " + line.why, 1, Integer::sum),
            () -> unlisted.add(one));
      }
    }
    System.out.printf(
        "%-14s %7s %8s %8s %8s %8s %8s%n",
        "format", "changes", "peer ok", "bulla ok", "laxer", "stricter", "no answer");
    table.forEach((format, row) ->
        System.out.printf(
            "%-14s %7d %8d %8d %8d %8d %8d%n",
            format, row[0], row[1], row[2], row[3], row[4], row[5]));
    reasons.forEach((why, times) -> System.out.printf("justified, %d times: %s%n", times, why));
    unlisted.forEach(one -> System.out.printf("UNLISTED %d %s%n", one.number, one.line()));
    wrong.forEach(one ->
        System.out.printf("NO ANSWER (exit %d) %d %s%n", one.bulla.code, one.number, one.line()));
    return unlisted.isEmpty() && wrong.isEmpty() ? 0 : 1;
  }

  private static List<Justified> read(Path file) throws IOException {
    List<Justified> all = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = Arrays.stream(line.split("\\s+::\\s+")).toArray(String[]::new);
        all.add(
            new Justified(
                parts[0], Pattern.compile(parts[1]), Pattern.compile(parts[2]), parts[3]));
      }
    }
    return all;
  }

  private static String shown(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    int failed = line.indexOf(" failed ");
    line = line.startsWith("REFUSED") && failed > 0 ? line.substring(failed + 8) : line;
    return line.length() > 330 ? line.substring(0, 330) + "…" : line;
  }
}
