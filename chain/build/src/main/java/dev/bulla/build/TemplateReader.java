package dev.bulla.build;

import dev.bulla.build.layer.ImagePath;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Nearest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A template's document read field by field; every field is either understood or refused. */
final class TemplateReader {
  private static final int MAX_STEPS = 100;
  private static final int MAX_MINUTES = 960;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

  private final String what;
  private final Path directory;

  TemplateReader(String what, Path directory) {
    this.what = what;
    this.directory = directory;
  }

  Template read(JsonNode document) {
    Fields root = Fields.of(document, what);
    for (String name : root.node().propertyNames()) {
      Unsupported.field(name, what).ifPresent(TemplateReader::raise);
    }
    root.only(
        "name",
        "source",
        "customize",
        "validate",
        "distribute",
        "buildTimeoutInMinutes",
        "config",
        "platform",
        "created");
    List<Distribution> distribute = distribute(root);
    Template template =
        new Template(
            root.optionalString("name")
                .map(n -> named(root, "name", n))
                .orElseGet(() -> defaultName(distribute)),
            directory,
            source(root.object("source")),
            customize(root),
            root.optionalObject("validate")
                .map(fields -> new ValidationReader(what).read(fields))
                .orElse(Validation.NONE),
            distribute,
            artifactTags(root),
            timeout(root),
            root.optionalObject("config").map(TemplateReader::config).orElse(ImageConfig.EMPTY),
            root.optionalString("platform").map(Platform::parse),
            created(root));
    if (template.source() instanceof Source.Scratch && template.customize().isEmpty()) {
      throw new BullaException(
          ErrorCode.TEMPLATE_INVALID,
          what
              + ": the source is Scratch and there is no customize step, so the image would be"
              + " empty",
          "Add a File step to 'customize'.");
    }
    return template;
  }

  private Source source(Fields fields) {
    String type = fields.string("type");
    return switch (type) {
      case "Scratch" -> {
        fields.only("type");
        yield new Source.Scratch();
      }
      case "OciLayout" -> {
        fields.only("type", "path", "reference", "digest");
        Source.OciLayout layout =
            new Source.OciLayout(
                fields.string("path"),
                fields.optionalString("reference"),
                digest(fields, "digest"));
        if (layout.reference().isEmpty() && layout.digest().isEmpty()) {
          throw fields.invalid(
              "reference",
              "missing, and so is 'digest': one of them has to say which image is meant");
        }
        yield layout;
      }
      case "Image" -> {
        fields.only("type", "reference", "digest");
        Source.Image image =
            new Source.Image(Reference.parse(fields.string("reference")), digest(fields, "digest"));
        Optional<Digest> inReference = image.reference().digest();
        if (inReference.isPresent()
            && image.digest().isPresent()
            && !inReference.equals(image.digest())) {
          throw fields.invalid("digest", "not the digest in 'reference'");
        }
        yield image;
      }
      default ->
          throw Unsupported.source(type, what)
              .orElseGet(() -> unknownType(fields, type, "Scratch", "OciLayout", "Image"));
    };
  }

  private List<FileStep> customize(Fields root) {
    List<FileStep> steps = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields fields : root.objects("customize")) {
      String type = fields.string("type");
      if (!type.equals("File")) {
        throw Unsupported.step(type, what).orElseGet(() -> unknownType(fields, type, "File"));
      }
      FileStep step = file(fields, "step-" + (steps.size() + 1));
      unique(names, step.name(), fields, "name");
      steps.add(step);
    }
    if (steps.size() > MAX_STEPS) {
      throw root.invalid(
          "customize", steps.size() + " steps, at most " + MAX_STEPS + " fit into an image");
    }
    return steps;
  }

  private FileStep file(Fields fields, String defaultName) {
    fields.only(
        "type", "name", "sourceUri", "sha256Checksum", "destination", "mode", "owner", "unpack");
    String destination = fields.string("destination");
    if (!destination.startsWith("/")) {
      throw fields.invalid(
          "destination", "'" + destination + "', expected an absolute path in the image");
    }
    FileStep step =
        new FileStep(
            fields.optionalString("name").map(n -> named(fields, "name", n)).orElse(defaultName),
            sourceUri(fields),
            Values.checksum(fields, "sha256Checksum"),
            ImagePath.parse(destination),
            destination.endsWith("/"),
            Values.mode(fields),
            Values.owner(fields).orElse(dev.bulla.build.layer.Entry.Owner.ROOT),
            fields.optionalBoolean("unpack").orElse(false));
    if (step.isDownload() && step.sha256Checksum().isEmpty()) {
      throw fields.invalid(
          "sha256Checksum", "missing, and a download has to name the SHA-256 of its bytes");
    }
    return step;
  }

  private static String sourceUri(Fields fields) {
    String uri = fields.string("sourceUri");
    if (uri.isEmpty() || uri.indexOf('\0') >= 0) {
      throw fields.invalid("sourceUri", "not a path or URL");
    }
    int scheme = uri.indexOf("://");
    if (scheme >= 0 && !uri.startsWith("https://") && !uri.startsWith("http://")) {
      throw fields.invalid("sourceUri", "'" + uri + "', expected a path, or an https or http URL");
    }
    return uri;
  }

  private List<Distribution> distribute(Fields root) {
    List<Distribution> targets = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields fields : root.objects("distribute")) {
      String type = fields.string("type");
      Distribution target =
          switch (type) {
            case "Registry" -> {
              fields.only("type", "repository", "tags", "runOutputName", "artifactTags");
              String repository = fields.string("repository");
              if (!Reference.isRepository(repository)) {
                checkHosted(fields, repository);
              }
              yield target(fields, repository, Distribution.Registry::new);
            }
            case "OciLayout" -> {
              fields.only("type", "path", "tags", "runOutputName", "artifactTags");
              yield target(fields, fields.string("path"), Distribution.OciLayout::new);
            }
            default ->
                throw Unsupported.target(type, what)
                    .orElseGet(() -> unknownType(fields, type, "Registry", "OciLayout"));
          };
      unique(names, target.runOutputName(), fields, "runOutputName");
      targets.add(target);
    }
    return targets;
  }

  private static void checkHosted(Fields fields, String repository) {
    Reference reference = Reference.parseName(repository);
    if (reference.tag().isPresent() || reference.digest().isPresent()) {
      throw fields.invalid(
          "repository", "'" + repository + "', expected no tag or digest: write tags in 'tags'");
    }
  }

  /** Makes one target from its name, place and tags. */
  private interface TargetOf {
    Distribution of(String runOutputName, String place, List<String> tags);
  }

  private static Distribution target(Fields fields, String place, TargetOf constructor) {
    List<String> tags = fields.has("tags") ? fields.strings("tags") : List.of("latest");
    for (String tag : tags) {
      if (!Reference.isTag(tag)) {
        throw fields.invalid("tags", "'" + tag + "', which is not a tag");
      }
    }
    if (tags.isEmpty() || tags.size() > 100) {
      throw fields.invalid("tags", tags.size() + " tags, expected 1 to 100");
    }
    return constructor.of(fields.optionalString("runOutputName").orElse(place), place, tags);
  }

  /** All targets get the same image, so there is one set of annotations. */
  private SortedMap<String, String> artifactTags(Fields root) {
    SortedMap<String, String> all = new TreeMap<>();
    for (Fields fields : root.objects("distribute")) {
      fields
          .stringMap("artifactTags")
          .forEach((key, value) -> {
            String other = all.putIfAbsent(key, value);
            if (key.isEmpty() || other != null && !other.equals(value)) {
              throw new BullaException(
                  ErrorCode.TEMPLATE_INVALID,
                  "%s: artifactTags give '%s' two values or no name, but every target gets the same image"
                      .formatted(what, Shown.text(key)),
                  "Give each name one value in the whole template.");
            }
          });
    }
    return all;
  }

  private static ImageConfig config(Fields fields) {
    fields.only("entrypoint", "cmd", "env", "workingDir", "user", "exposedPorts", "labels");
    SortedMap<String, String> env = new TreeMap<>(fields.stringMap("env"));
    for (String name : env.keySet()) {
      if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
        throw fields.invalid("env", "a variable named '" + name + "'");
      }
    }
    return new ImageConfig(
        Values.list(fields, "entrypoint"),
        Values.list(fields, "cmd"),
        env,
        fields.optionalString("workingDir").map(d -> ImagePath.parse(d).toString()),
        fields.optionalString("user").filter(u -> !u.isEmpty()),
        Values.ports(fields),
        new TreeMap<>(fields.stringMap("labels")));
  }

  private Duration timeout(Fields root) {
    long minutes = root.optionalInteger("buildTimeoutInMinutes").orElse(0L);
    if (minutes < 0 || minutes > MAX_MINUTES) {
      throw root.invalid("buildTimeoutInMinutes", minutes + ", expected 0 to " + MAX_MINUTES);
    }
    return minutes == 0 ? Template.DEFAULT_TIMEOUT : Duration.ofMinutes(minutes);
  }

  private static Instant created(Fields root) {
    Optional<String> text = root.optionalString("created");
    try {
      Instant created = text.map(Instant::parse).orElse(Template.DEFAULT_CREATED);
      if (created.getNano() != 0
          || created.isBefore(Instant.EPOCH)
          || created.getEpochSecond() > 0_77777777777L) {
        throw root.invalid(
            "created", "'" + created + "', expected whole seconds between 1970 and 2242");
      }
      return created;
    } catch (DateTimeParseException e) {
      throw root.invalid(
          "created", "'" + text.orElse("") + "', expected a time such as 2026-01-31T00:00:00Z");
    }
  }

  private static String named(Fields fields, String field, String name) {
    if (!NAME.matcher(name).matches()) {
      throw fields.invalid(
          field, "'" + name + "', expected up to 64 letters, digits, '.', '_' and '-'");
    }
    return name;
  }

  private static String defaultName(List<Distribution> targets) {
    return targets.stream()
        .map(Distribution::runOutputName)
        .map(name -> name.substring(name.lastIndexOf('/') + 1))
        .filter(name -> NAME.matcher(name).matches())
        .findFirst()
        .orElse("image");
  }

  private static Optional<Digest> digest(Fields fields, String name) {
    return fields.optionalString(name).map(Digest::parse);
  }

  private static void unique(Set<String> names, String name, Fields fields, String field) {
    if (!names.add(name)) {
      throw fields.invalid(field, "'" + name + "', which another entry has already");
    }
  }

  static BullaException unknownType(Fields fields, String type, String... known) {
    BullaException refusal =
        fields.invalid("type", "'" + type + "', expected " + String.join(", ", known));
    return Nearest.to(type, List.of(known))
        .map(near ->
            new BullaException(refusal.code(), refusal.reason(), "Did you mean '" + near + "'?"))
        .orElse(refusal);
  }

  private static void raise(BullaException refusal) {
    throw refusal;
  }
}
