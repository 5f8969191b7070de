package dev.bulla.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.inventory.archive.PathHash;
import dev.bulla.inventory.format.DebianCopyright;
import dev.bulla.inventory.format.DpkgStatus;
import dev.bulla.inventory.format.OsRelease;
import dev.bulla.inventory.format.PythonMetadata;
import dev.bulla.inventory.format.RpmHeader;
import dev.bulla.inventory.format.SystemPackage;
import dev.bulla.inventory.licence.Licences;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What single files say. */
class FormatsTest {
  @Test
  void dpkgCountsByTheThirdWordOfTheStatus() {
    String text =
        """
        Package: whole
        Status: install ok installed
        Architecture: amd64
        Version: 1:2-3
        Source: src (2-2)
        Description: x
         Version: not this

        Package: gone
        Status: deinstall ok config-files
        Version: 1

        Package: removal-asked-but-there
        Status: deinstall ok installed
        Version: 1

        Package: broken
        Status: install ok half-configured
        Version: 1\
        """;
    List<SystemPackage> found = DpkgStatus.parse(utf8(text), utf8(text).length, new ArrayList<>());
    assertThat(found)
        .extracting(SystemPackage::name)
        .containsExactly("whole", "removal-asked-but-there", "broken");
    assertThat(found.getFirst().source()).isEqualTo("src");
    assertThat(found.getFirst().sourceVersion()).isEqualTo("2-2");
    assertThat(found.getFirst().version()).isEqualTo("1:2-3");
    assertThat(found.get(2).properties()).containsEntry("state", "half-configured");
  }

  @Test
  void distrolessPackagesAndTheirFilesAreFound() {
    byte[] layer =
        new TarBytes()
            .file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")
            .file(
                "var/lib/dpkg/status.d/libc6",
                "Package: libc6\nVersion: 2.36-9\nArchitecture: amd64\nSource: glibc\n")
            .file(
                "var/lib/dpkg/status.d/libc6.md5sums",
                "0123456789abcdef0123456789abcdef  usr/share/x/y.jar\n")
            .file("usr/share/x/y.jar", JarBytes.maven("g", "y", "1"))
            .bytes();
    Inventory inventory = MemoryRepository.ofLayers(layer).catalogue();
    assertThat(inventory.components()).extracting(Component::name).containsExactly("libc6", "g:y");
    assertThat(inventory.components().get(0).sourceName()).contains("glibc");
    assertThat(inventory.components().get(1).ownedBy())
        .isEqualTo(inventory.components().get(0).purl());
  }

  @Test
  void ownershipEndsWhenTheFileWasReplaced() {
    String status =
        "Package: python3-x\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n";
    String metadata = "Metadata-Version: 2.1\nName: x\nVersion: 1\n";
    String sum = md5(metadata);
    TarBytes base =
        new TarBytes()
            .file("var/lib/dpkg/status", status)
            .file("var/lib/dpkg/info/python3-x.list", "/.\n/usr\n/usr/lib/x.egg-info\n")
            .file("var/lib/dpkg/info/python3-x.md5sums", sum + "  usr/lib/x.egg-info\n")
            .file("usr/lib/x.egg-info", metadata);
    assertThat(python(MemoryRepository.ofLayers(base.bytes())).ownedBy()).isPresent();
    TarBytes later = new TarBytes().file("usr/lib/x.egg-info", metadata);
    assertThat(python(MemoryRepository.ofLayers(base.bytes(), later.bytes())).ownedBy()).isEmpty();
    TarBytes changed =
        base.file("usr/lib/x.egg-info", metadata.replace("Version: 1", "Version: 2"));
    assertThat(python(MemoryRepository.ofLayers(changed.bytes())).ownedBy()).isEmpty();
  }

  @Test
  void rpmFilesAreOwnedAndTheEpochIsPartOfTheVersion() throws IOException {
    PathHash hash = new PathHash();
    SystemPackage one =
        RpmHeader.parse(
                ProgramBytes.rpmHeader(
                    "bash", "5.1", "2.el9", 1, "bash-5.1-2.el9.src.rpm", "/usr/bin/", "bash"),
                hash)
            .orElseThrow();
    assertThat(one.version()).isEqualTo("1:5.1-2.el9");
    assertThat(one.sourceVersion()).isEqualTo(one.version());
    assertThat(one.files()).containsExactly(hash.of("usr/bin/bash"));
    assertThat(RpmHeader.parse(ProgramBytes.rpmHeader("gpg-pubkey", "1", "1", 0, "", "", ""), hash))
        .isEmpty();
    assertThatThrownBy(() -> RpmHeader.parse(new byte[] {0, 0, 0, 9, 0, 0, 0, 9}, hash))
        .hasMessageContaining("claims 9 entries");
  }

  @Test
  void goProgramsNameTheirModulesReplacementsAndToolchain() {
    byte[] info =
        ProgramBytes.goBuildInfo(
            "go1.25.1 X:loopvar",
            "path\texample.com/x\n"
                + "mod\texample.com/x\t(devel)\t\n"
                + "dep\ta.org/b\tv1.0.0\n"
                + "=>\tc.org/d/v2\tv2.1.0\th1:x\n"
                + "dep\te.org/f\tv1.2.3\n"
                + "=>\t./local\t\n"
                + "build\tvcs.revision=abc\n"
                + "build\t-ldflags=-s -w\n");
    Inventory inventory = program(ProgramBytes.elf(".go.buildinfo", info));
    assertThat(inventory.components())
        .extracting(c -> c.purl().orElseThrow())
        .containsExactlyInAnyOrder(
            "pkg:golang/stdlib@1.25.1",
            "pkg:golang/example.com/x",
            "pkg:golang/c.org/d/v2@v2.1.0",
            "pkg:golang/e.org/f");
    Component main =
        inventory.components().stream()
            .filter(c -> c.name().equals("example.com/x"))
            .findFirst()
            .orElseThrow();
    assertThat(main.properties())
        .containsEntry("goMain", "true")
        .containsEntry("go.vcs.revision", "abc");
  }

  @Test
  void goProgramsWithoutSectionsAreFoundByTheirMagic() {
    byte[] file =
        ProgramBytes.elf(
            ".go.buildinfo", ProgramBytes.goBuildInfo("go1.25.1", "path\tx\nmod\tx\tv1.0.0\n"));
    java.util.Arrays.fill(file, 40, 48, (byte) 0);
    java.util.Arrays.fill(file, 58, 64, (byte) 0);
    assertThat(program(file).components())
        .extracting(Component::name)
        .containsExactlyInAnyOrder("stdlib", "x");
  }

  @Test
  void rustProgramsNameTheCratesThatAreInThem() {
    String json =
        "{\"packages\":[{\"name\":\"app\",\"version\":\"0.1.0\",\"source\":\"local\",\"root\":true},"
            + "{\"name\":\"time\",\"version\":\"0.1.43\",\"source\":\"crates.io\"},{\"name\":\"cc\",\"version\":\"1.0.0\",\"kind\":\"build\"}]}";
    Inventory inventory = program(ProgramBytes.elf(".dep-v0", ProgramBytes.zlib(json)));
    assertThat(inventory.components())
        .extracting(c -> c.purl().orElseThrow())
        .containsExactlyInAnyOrder("pkg:cargo/app@0.1.0", "pkg:cargo/time@0.1.43");
    Inventory damaged = program(ProgramBytes.elf(".dep-v0", utf8("no zlib at all")));
    assertThat(damaged.warnings())
        .singleElement()
        .asString()
        .contains("/usr/bin/app")
        .contains("Rust crates are not known");
  }

  @Test
  void pythonLicencesComeFromTheStrongestField() {
    assertThat(pythonLicences("License-Expression: MIT OR Apache-2.0\nLicense: x\n"))
        .containsExactly("MIT OR Apache-2.0");
    assertThat(
            pythonLicences(
                "License: BSD\n"
                    + " text of many\n"
                    + " lines\n"
                    + "Classifier: License :: OSI Approved :: BSD License\n"))
        .containsExactly("BSD License");
    assertThat(pythonLicences("License: UNKNOWN\n")).isEmpty();
    assertThat(PythonMetadata.normalName("Zope.Interface__x-")).isEqualTo("zope-interface-x-");
  }

  @Test
  void debianCopyrightNamesAreCollected() {
    String text =
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
            + "Files: *\n"
            + "License: GPL-2+\n\n"
            + "Files: x\n"
            + "License: Expat\n"
            + " text\n\n"
            + "License: GPL-2+\n"
            + " text\n";
    assertThat(DebianCopyright.parse(utf8(text), utf8(text).length))
        .containsExactly("GPL-2+", "Expat");
    String plain =
        "On Debian systems see `/usr/share/common-licenses/LGPL-2.1'.\n"
            + "Also /usr/share/common-licenses/GPL-3.\n";
    assertThat(DebianCopyright.parse(utf8(plain), utf8(plain).length))
        .containsExactly("LGPL-2.1", "GPL-3");
  }

  @Test
  void osReleaseIsUnquoted() {
    String text = "# c\nID=\"alma\\\"linux\"\nNAME='A $B'\nEMPTY=\n";
    assertThat(OsRelease.parse(utf8(text), utf8(text).length))
        .containsEntry("ID", "alma\"linux")
        .containsEntry("NAME", "A $B")
        .containsEntry("EMPTY", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Apache License, Version 2.0                     | Apache-2.0
          The Apache Software License, Version 2.0        | Apache-2.0
          https://www.apache.org/licenses/LICENSE-2.0.txt | Apache-2.0
          mit                                             | MIT
          The MIT License                                 | MIT
          GPL-2+                                          | GPL-2.0-or-later
          GPLv2+ and LGPLv2+                              | GPL-2.0-or-later AND LGPL-2.0-or-later
          GPL-2.0-or-later AND (MIT OR ISC)               | GPL-2.0-or-later AND (MIT OR ISC)
          MIT BSD-2-Clause GPL-2.0-or-later               | MIT AND BSD-2-Clause AND GPL-2.0-or-later
          GPL-2.0-only WITH Classpath-exception-2.0       | GPL-2.0-only WITH Classpath-exception-2.0
          (MIT OR CC0-1.0)                                | (MIT OR CC0-1.0)
          SEE LICENSE IN LICENSE.md                       | SEE LICENSE IN LICENSE.md
          GPL-2+ with an odd exception                    | GPL-2+ with an odd exception
          MIT WITH Apache-2.0                             | MIT WITH Apache-2.0
          public-domain                                   | LicenseRef-public-domain
          """)
  void licencesAreNormalisedWhereThatIsCertain(String declared, String expected) {
    assertThat(Licences.of(declared)).isEqualTo(expected);
  }

  @Test
  void everyListedNameStandsForAnSpdxExpression() {
    for (String text : new String[] {"asl 2.0", "epl 2.0", "gpl2 w/ cpe", "cddl 1.0", "zpl 2.1"}) {
      assertThat(Licences.isExpression(Licences.of(text))).as(text).isTrue();
    }
  }

  private static List<String> pythonLicences(String fields) {
    byte[] data = utf8("Name: x\nVersion: 1\n" + fields + "\n");
    return PythonMetadata.parse(data, data.length).orElseThrow().licences();
  }

  private static Component python(MemoryRepository repository) {
    return repository.catalogue().components().stream()
        .filter(c -> c.type().equals("pypi"))
        .findFirst()
        .orElseThrow();
  }

  private static Inventory program(byte[] content) {
    return MemoryRepository.ofLayers(new TarBytes().file("usr/bin/app", content).bytes())
        .catalogue();
  }

  private static String md5(String text) {
    try {
      return java.util.HexFormat.of()
          .formatHex(java.security.MessageDigest.getInstance("MD5").digest(utf8(text)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
