package dev.bulla.dist;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The floors of the house and what keeps the rooms apart. */
class LawOfTheHouseTest {
  /** For each module, the modules that its classes may use; lower floors first. */
  private static final Map<String, List<String>> MAY_USE = new LinkedHashMap<>();

  static {
    MAY_USE.put("core", List.of());
    MAY_USE.put("store", List.of("core"));
    MAY_USE.put("rules", List.of("core"));
    MAY_USE.put("web", List.of("core"));
    MAY_USE.put("access", List.of("core", "store", "rules", "web"));
    MAY_USE.put("keys", List.of("core"));
    MAY_USE.put("oci", List.of("core"));
    MAY_USE.put("signing", List.of("core", "keys", "oci"));
    List<String> foundation = List.of("core", "store", "rules", "web", "access", "keys", "oci");
    MAY_USE.put("policy", foundation);
    MAY_USE.put("inventory", foundation);
    MAY_USE.put("advisory", plus(foundation, "inventory"));
    MAY_USE.put("build", plus(foundation, "policy"));
    MAY_USE.put("registry", plus(foundation, "policy", "signing"));
    MAY_USE.put("graph", plus(foundation, "inventory", "advisory"));
    List<String> chain =
        plus(
            foundation, "signing", "policy", "inventory", "advisory", "build", "registry", "graph");
    MAY_USE.put("pipeline", chain);
    MAY_USE.put("server", plus(chain, "pipeline"));
    MAY_USE.put("cli", plus(chain, "pipeline", "server"));
    MAY_USE.put("testkit", List.of("core"));
    MAY_USE.put("dist", List.of());
    // people's own applications: they know nothing of Bulla
    MAY_USE.put("example", List.of());
  }

  private static final Set<String> ON_NO_CLASS_PATH = Set.of("testkit", "example");

  private static JavaClasses house;

  private static List<String> plus(List<String> some, String... more) {
    return java.util.stream.Stream.concat(some.stream(), java.util.Arrays.stream(more)).toList();
  }

  @BeforeAll
  static void readTheHouse() {
    Set<Location> places = new HashSet<>(Locations.ofPackage("dev.bulla"));
    // fakes for tests and examples are on no class path here; they are read where they were built
    for (String module : Sources.modules()) {
      Path classes = Sources.root().resolve(module).resolve("target/classes");
      if (ON_NO_CLASS_PATH.contains(roomOf(module)) && Files.isDirectory(classes)) {
        places.add(Location.of(classes));
      }
    }
    house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importLocations(places);
    assertThat(house.size()).isGreaterThan(100);
  }

  /** The package below {@code dev.bulla} in which the classes of a Maven module are. */
  private static String roomOf(String module) {
    return module.startsWith("examples/") ? "example" : module.substring(module.indexOf('/') + 1);
  }

  @Test
  void everyModuleOfTheBuildIsListedHere() {
    assertThat(Sources.modules().stream().map(LawOfTheHouseTest::roomOf).distinct())
        .containsExactlyInAnyOrderElementsOf(MAY_USE.keySet());
  }

  @TestFactory
  List<DynamicTest> eachModuleUsesOnlyWhatItMay() {
    return MAY_USE.entrySet().stream()
        .map(entry ->
            DynamicTest.dynamicTest(
                entry.getKey(),
                () -> {
                  String[] forbidden =
                      MAY_USE.keySet().stream()
                          .filter(m -> !m.equals(entry.getKey()))
                          .filter(m -> !entry.getValue().contains(m))
                          .map(m -> "dev.bulla." + m + "..")
                          .toArray(String[]::new);
                  noClasses()
                      .that(resideInAPackage("dev.bulla." + entry.getKey() + ".."))
                      .should()
                      .dependOnClassesThat(resideInAnyPackage(forbidden))
                      .allowEmptyShould(ON_NO_CLASS_PATH.contains(entry.getKey()))
                      .check(house);
                }))
        .toList();
  }

  @Test
  void everyClassBelongsToAKnownModule() {
    classes()
        .should()
        .resideInAnyPackage(
            MAY_USE.keySet().stream().map(m -> "dev.bulla." + m + "..").toArray(String[]::new))
        .check(house);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.bulla.(**)").should().beFreeOfCycles().check(house);
  }

  @Test
  void onlyWebKnowsTheHttpServer() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.bulla.web..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.eclipse.jetty..")
        .check(house);
  }

  @Test
  void coreIsFreeOfInputAndOutputClocksAndRandomness() {
    noClasses()
        .that()
        .resideInAPackage("dev.bulla.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.nio.file..", "java.net..", "java.sql..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Random")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.security.SecureRandom")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(house);
  }

  @Test
  void policiesReadNoClockNetworkOrFileWhileTheyJudge() {
    noClasses()
        .that()
        .resideInAPackage("dev.bulla.rules..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.nio.file..", "java.net.http..", "java.sql..")
        .check(house);
  }

  @Test
  void onlyTheEntryEndsTheProcess() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.bulla.cli.Main")
        .and()
        .doNotHaveFullyQualifiedName("dev.bulla.cli.AotTraining")
        .and()
        .resideOutsideOfPackages("dev.bulla.example..", "dev.bulla.dist..")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(house);
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses()
        .should()
        .haveNameMatching(".*(Impl|Manager|Helper|Helpers|Util|Utils)")
        .check(house);
  }
}
