package dev.bulla.dist;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.ConstantInstruction;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes class files of before Java 6 in the form of Java 8: the same code, with the stack maps
 * that the JVM wants before it archives a class (JEP 483). The parser of the command line is such a
 * library; without this each command loads and verifies it anew, for a tenth of a second.
 */
final class OldClasses {
  private static final int FIRST_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;
  private static final int MAJOR_OFFSET = 6;

  private OldClasses() {}

  /**
   * Rewrites {@code jar} if it holds an old class.
   *
   * @param neighbours all jars of the application, where the classes are that it refers to
   */
  static void modernise(Path jar, List<Path> neighbours) throws IOException {
    if (!isOld(jar)) {
      return;
    }
    Path fresh = jar.resolveSibling(jar.getFileName() + ".tmp");
    List<URL> urls = new ArrayList<>();
    for (Path neighbour : neighbours) {
      urls.add(neighbour.toUri().toURL());
    }
    try (URLClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new));
        ZipFile zip = new ZipFile(jar.toFile());
        OutputStream file = Files.newOutputStream(fresh);
        ZipOutputStream out = new ZipOutputStream(file)) {
      ClassFile classes =
          ClassFile.of(
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(loader)
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        byte[] bytes = zip.getInputStream(entry).readAllBytes();
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        out.putNextEntry(copy);
        out.write(isOld(entry.getName(), bytes) ? modern(classes, bytes) : bytes);
        out.closeEntry();
      }
    }
    Files.move(fresh, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] modern(ClassFile classes, byte[] bytes) {
    ClassModel model = classes.parse(bytes);
    ClassTransform version =
        (builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
          } else {
            builder.with(element);
          }
        };
    return classes.transformClass(
        model, ClassTransform.transformingMethodBodies(OldClasses::present).andThen(version));
  }

  /**
   * That parser also asks by name for a class of Groovy, which is never there: the JVM would open
   * every jar to find that out. It is given a class of the JDK that no value ever has.
   */
  private static void present(CodeBuilder code, CodeElement element) {
    if (element instanceof ConstantInstruction constant
        && constant.constantValue().equals("groovy.lang.Closure")) {
      code.ldc("java.lang.Void");
    } else {
      code.with(element);
    }
  }

  private static boolean isOld(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        if (isClass(entry.getName())
            && isOld(entry.getName(), zip.getInputStream(entry).readNBytes(MAJOR_OFFSET + 2))) {
          return true;
        }
      }
      return false;
    }
  }

  private static boolean isClass(String name) {
    return name.endsWith(".class") && !name.startsWith("META-INF/");
  }

  private static boolean isOld(String name, byte[] bytes) {
    return isClass(name)
        && bytes.length >= MAJOR_OFFSET + 2
        && ((bytes[MAJOR_OFFSET] & 0xff) << 8 | bytes[MAJOR_OFFSET + 1] & 0xff)
            < FIRST_WITH_STACK_MAPS;
  }
}
