package dev.bulla.cli;

import dev.bulla.cli.command.AdvisoryCommand;
import dev.bulla.cli.command.AskCommand;
import dev.bulla.cli.command.BuildCommand;
import dev.bulla.cli.command.CleanCommand;
import dev.bulla.cli.command.Command;
import dev.bulla.cli.command.CopyCommand;
import dev.bulla.cli.command.EvidencePackCommand;
import dev.bulla.cli.command.EvidenceShowCommand;
import dev.bulla.cli.command.EvidenceVerifyCommand;
import dev.bulla.cli.command.InspectCommand;
import dev.bulla.cli.command.KeyCommand;
import dev.bulla.cli.command.LoadCommand;
import dev.bulla.cli.command.SaveCommand;
import dev.bulla.cli.command.SbomCommand;
import dev.bulla.cli.command.ScanCommand;
import dev.bulla.cli.command.ServeCommand;
import dev.bulla.cli.command.Session;
import dev.bulla.cli.command.ShipCommand;
import dev.bulla.cli.command.SignBlobCommand;
import dev.bulla.cli.command.SignCommand;
import dev.bulla.cli.command.StopCommand;
import dev.bulla.cli.command.TreeCommand;
import dev.bulla.cli.command.TrustCheckCommand;
import dev.bulla.cli.command.TrustImportCommand;
import dev.bulla.cli.command.TrustRootCommand;
import dev.bulla.cli.command.VerifyBlobCommand;
import dev.bulla.cli.command.VerifyCommand;
import dev.bulla.cli.command.WarmCommand;
import dev.bulla.cli.registry.AdmitCommand;
import dev.bulla.cli.registry.ApproveCommand;
import dev.bulla.cli.registry.BindCommand;
import dev.bulla.cli.registry.CacheCommand;
import dev.bulla.cli.registry.DeletedCommand;
import dev.bulla.cli.registry.EventsCommand;
import dev.bulla.cli.registry.ExportCommand;
import dev.bulla.cli.registry.FsckCommand;
import dev.bulla.cli.registry.GcCommand;
import dev.bulla.cli.registry.HoldCommand;
import dev.bulla.cli.registry.ImmutableCommand;
import dev.bulla.cli.registry.ImportCommand;
import dev.bulla.cli.registry.IssuerCommand;
import dev.bulla.cli.registry.ProjectCommand;
import dev.bulla.cli.registry.QuotaCommand;
import dev.bulla.cli.registry.ReceiptsCommand;
import dev.bulla.cli.registry.ReplicasCommand;
import dev.bulla.cli.registry.ReplicateCommand;
import dev.bulla.cli.registry.ReposCommand;
import dev.bulla.cli.registry.RestoreCommand;
import dev.bulla.cli.registry.RetentionCommand;
import dev.bulla.cli.registry.RevokeCommand;
import dev.bulla.cli.registry.RobotCommand;
import dev.bulla.cli.registry.RuleCommand;
import dev.bulla.cli.registry.TagsCommand;
import dev.bulla.cli.registry.TrustCommand;
import dev.bulla.cli.registry.UnbindCommand;
import dev.bulla.cli.registry.UsageCommand;
import dev.bulla.cli.registry.WaiveCommand;
import dev.bulla.cli.registry.WaiversCommand;
import dev.bulla.cli.registry.WebhookCommand;
import java.util.List;
import java.util.Optional;

/**
 * The table of commands. A command's class is loaded only when it is asked for. A name may be of
 * two words, of which the first is that of a group ({@code trust root}).
 */
final class Commands {
  /** Name and one-line summary, in the order of the overview. */
  record Entry(String name, String summary) {}

  private static final List<Entry> ALL =
      List.of(
          new Entry("ship", "run the whole chain: template to signed, published, recorded image"),
          new Entry("build", "build an image from a template"),
          new Entry("sbom", "list what an image or directory holds (CycloneDX, SPDX)"),
          new Entry("scan", "find known vulnerabilities in an image or directory"),
          new Entry("sign", "sign an image, or attest a predicate about it"),
          new Entry("sign-blob", "sign a file, or attest a predicate about it"),
          new Entry("verify", "verify the signatures of images"),
          new Entry("verify-blob", "verify a file by the Sigstore bundle beside it"),
          new Entry("trust check", "validate and explain a trust policy"),
          new Entry("trust import", "carry over policies of Notation, policy-controller, Kyverno"),
          new Entry("trust root", "fetch the trusted root of a Sigstore instance (TUF)"),
          new Entry("tree", "show everything that lies beside an image"),
          new Entry("inspect", "decode every signature beside an image"),
          new Entry("copy", "copy an image with all its signatures and attestations"),
          new Entry("save", "save an image with all its evidence as an OCI layout"),
          new Entry("load", "load what save wrote into a registry"),
          new Entry("clean", "remove signatures and attestations of an image"),
          new Entry("evidence pack", "pack an image's evidence and what it is judged by"),
          new Entry("evidence verify", "verify an evidence pack, without a network"),
          new Entry("evidence show", "show what an evidence pack holds"),
          new Entry("ask", "ask the graph: which releases hold, contain, are exposed to …"),
          new Entry("advisory", "import and show advisory sets (OSV)"),
          new Entry("key", "show the signing identity; make, import, print keys"),
          new Entry("registry bind", "let a trust policy decide what readers may see"),
          new Entry("registry unbind", "take a binding away"),
          new Entry("registry repos", "list repositories"),
          new Entry("registry tags", "list what the tags of a repository point at"),
          new Entry("registry trust", "show whether readers may see an image, and why"),
          new Entry("registry admit", "have it decided now whether readers may see an image"),
          new Entry("registry revoke", "take an image back from readers"),
          new Entry("registry waive", "ask for an exception for an image"),
          new Entry("registry waivers", "list exceptions and who agreed to them"),
          new Entry("registry approve", "agree to an exception, or take it back"),
          new Entry("registry robot", "add, list, remove callers with a name and a secret"),
          new Entry("registry issuer", "say whose identity tokens are believed (OpenID Connect)"),
          new Entry("registry rule", "say what holders of identity tokens and certificates may do"),
          new Entry("registry project", "open or close a project"),
          new Entry("registry immutable", "make tags immutable"),
          new Entry("registry hold", "keep an image, whatever else is said"),
          new Entry("registry replicate", "keep a copy of another registry's repositories"),
          new Entry("registry replicas", "show how content stands with registries that copy it"),
          new Entry("registry export", "write repositories with their evidence to a file"),
          new Entry("registry import", "take what export wrote, judged by the policies here"),
          new Entry("registry receipts", "carry receipts of such copies back to their source"),
          new Entry("registry cache", "add, list, remove projects that fetch from elsewhere"),
          new Entry("registry quota", "what a project may have at most"),
          new Entry("registry retention", "rules by which old tags go"),
          new Entry("registry events", "show what happened, from any point on"),
          new Entry("registry webhook", "say who is told of what happened"),
          new Entry("registry gc", "free what nobody can reach"),
          new Entry("registry fsck", "compare what is stored with its digests; repair"),
          new Entry("registry usage", "show how much space is used by what"),
          new Entry("registry deleted", "list deleted manifests that can be restored"),
          new Entry("registry restore", "bring a deleted manifest back"),
          new Entry("serve", "run the registry and the native API"),
          new Entry("warm", "stay resident, so that short commands answer at once"),
          new Entry("stop", "stop the server of this home"));

  private Commands() {}

  static List<String> names() {
    return ALL.stream().map(Entry::name).toList();
  }

  static Optional<Entry> find(String name) {
    return ALL.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  /** Whether {@code word} is the first of commands of two words. */
  static boolean isGroup(String word) {
    return ALL.stream().anyMatch(entry -> entry.name().startsWith(word + " "));
  }

  /** The second words of a group. */
  static List<String> members(String group) {
    return ALL.stream()
        .map(Entry::name)
        .filter(name -> name.startsWith(group + " "))
        .map(name -> name.substring(group.length() + 1))
        .toList();
  }

  /** A new command for one run. */
  static Command create(Entry entry) {
    return switch (entry.name()) {
      case "ship" -> new ShipCommand();
      case "build" -> new BuildCommand();
      case "sbom" -> new SbomCommand();
      case "scan" -> new ScanCommand();
      case "sign" -> new SignCommand();
      case "sign-blob" -> new SignBlobCommand();
      case "verify" -> new VerifyCommand();
      case "verify-blob" -> new VerifyBlobCommand();
      case "trust check" -> new TrustCheckCommand();
      case "trust import" -> new TrustImportCommand();
      case "trust root" -> new TrustRootCommand();
      case "tree" -> new TreeCommand();
      case "inspect" -> new InspectCommand();
      case "clean" -> new CleanCommand();
      case "copy" -> new CopyCommand();
      case "save" -> new SaveCommand();
      case "load" -> new LoadCommand();
      case "evidence pack" -> new EvidencePackCommand();
      case "evidence verify" -> new EvidenceVerifyCommand();
      case "evidence show" -> new EvidenceShowCommand();
      case "ask" -> new AskCommand();
      case "advisory" -> new AdvisoryCommand();
      case "key" -> new KeyCommand();
      case "registry bind" -> new BindCommand();
      case "registry unbind" -> new UnbindCommand();
      case "registry trust" -> new TrustCommand();
      case "registry admit" -> new AdmitCommand();
      case "registry revoke" -> new RevokeCommand();
      case "registry waive" -> new WaiveCommand();
      case "registry waivers" -> new WaiversCommand();
      case "registry approve" -> new ApproveCommand();
      case "registry robot" -> new RobotCommand();
      case "registry issuer" -> new IssuerCommand();
      case "registry rule" -> new RuleCommand();
      case "registry project" -> new ProjectCommand();
      case "registry immutable" -> new ImmutableCommand();
      case "registry hold" -> new HoldCommand();
      case "registry replicate" -> new ReplicateCommand();
      case "registry replicas" -> new ReplicasCommand();
      case "registry export" -> new ExportCommand();
      case "registry import" -> new ImportCommand();
      case "registry receipts" -> new ReceiptsCommand();
      case "registry cache" -> new CacheCommand();
      case "registry quota" -> new QuotaCommand();
      case "registry retention" -> new RetentionCommand();
      case "registry events" -> new EventsCommand();
      case "registry webhook" -> new WebhookCommand();
      case "registry gc" -> new GcCommand();
      case "registry fsck" -> new FsckCommand();
      case "registry usage" -> new UsageCommand();
      case "registry repos" -> new ReposCommand();
      case "registry tags" -> new TagsCommand();
      case "registry deleted" -> new DeletedCommand();
      case "registry restore" -> new RestoreCommand();
      case "serve" -> new ServeCommand(Bulla.resident());
      case "warm" -> new WarmCommand(Bulla.resident());
      case "stop" -> new StopCommand();
      default -> throw new IllegalArgumentException("no command " + entry.name());
    };
  }

  static String overview() {
    StringBuilder text = new StringBuilder();
    text.append("Bulla ")
        .append(Session.VERSION)
        .append(": a trusted container supply chain in one program.\n\n");
    text.append("Usage: bulla COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n");
    for (Entry entry : ALL) {
      text.append("  %-18s%s%n".formatted(entry.name(), entry.summary()));
    }
    text.append("\nStart here: bulla ship examples/hello\n");
    text.append("\nEvery command:\n");
    text.append("  --home DIR       data directory (default: $BULLA_HOME, else ~/.bulla)\n");
    text.append("  --output FORMAT  text, or json: one document on standard output\n");
    text.append("  --help           the command's own help\n");
    text.append(
        "\n"
            + "Exit codes: 0 done or allowed, 1 failed, 2 usage, 3 refused by policy or"
            + " verification,\n");
    text.append("4 something needed cannot be reached.\n");
    return text.toString();
  }
}
