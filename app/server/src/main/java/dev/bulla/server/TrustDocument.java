package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.DefaultRoot;
import dev.bulla.signing.authority.PolicyFiles;
import dev.bulla.signing.trust.TrustStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A trust policy with everything that it names, in one JSON document, so that a binding depends on
 * no file outside the registry: {@code document} (the policy's text), {@code name}, {@code files}
 * (path to bytes in Base64), {@code stores} (path to store name to certificates, DER in Base64) and
 * {@code revocation} ({@link BindingRevocation}).
 */
public record TrustDocument(byte[] bytes, AuthorityPolicy policy, BindingRevocation revocation) {

  /** As {@link #collect(Path, BindingRevocation)}; nobody is asked about revocation. */
  public static TrustDocument collect(Path file) {
    return collect(file, BindingRevocation.NONE);
  }

  /** Reads a policy file and the files that it names. */
  public static TrustDocument collect(Path file, BindingRevocation revocation) {
    byte[] text;
    try {
      text = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read the trust policy " + file, e);
    }
    ObjectNode document = Json.object();
    document.put("name", String.valueOf(file.getFileName()));
    document.put("document", new String(text, StandardCharsets.UTF_8));
    Recording files =
        new Recording(
            PolicyFiles.beside(file), document.putObject("files"), document.putObject("stores"));
    AuthorityPolicy policy =
        AuthorityPolicy.parse(text, file.toString(), files, DefaultRoot.none());
    if (!revocation.equals(BindingRevocation.NONE)) {
      document.set("revocation", revocation.toJson());
    }
    return new TrustDocument(Json.write(document), policy, revocation);
  }

  /**
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID}, or an error of JSON
   */
  public static TrustDocument parse(byte[] bytes) {
    Fields fields =
        Fields.of(Json.parse(bytes, "trust document"), "trust document")
            .only("name", "document", "files", "stores", "revocation");
    Kept kept =
        new Kept(
            fields.stringMap("files"),
            fields.optionalObject("stores").map(Fields::node).orElseGet(Json::object));
    return new TrustDocument(
        bytes,
        AuthorityPolicy.parse(
            fields.string("document").getBytes(StandardCharsets.UTF_8),
            fields.string("name"),
            kept,
            DefaultRoot.none()),
        fields
            .optionalObject("revocation")
            .map(BindingRevocation::parse)
            .orElse(BindingRevocation.NONE));
  }

  /** Remembers what was read. */
  private record Recording(PolicyFiles real, ObjectNode files, ObjectNode stores)
      implements PolicyFiles {
    @Override
    public byte[] read(String path) {
      byte[] bytes = real.read(path);
      files.put(path, Base64.getEncoder().encodeToString(bytes));
      return bytes;
    }

    @Override
    public TrustStore store(String path) {
      TrustStore store = real.store(path);
      ObjectNode kept = stores.has(path) ? (ObjectNode) stores.get(path) : stores.putObject(path);
      return name -> {
        List<X509Certificate> certificates = store.certificates(name);
        ArrayNode all = kept.putArray(name.toString());
        for (X509Certificate one : certificates) {
          try {
            all.add(Base64.getEncoder().encodeToString(one.getEncoded()));
          } catch (CertificateEncodingException e) {
            throw new BullaException(
                ErrorCode.TRUST_STORE_INVALID, "a certificate of " + name + " has no encoding", e);
          }
        }
        return certificates;
      };
    }
  }

  /** Gives out what was remembered. */
  private record Kept(Map<String, String> files, JsonNode stores) implements PolicyFiles {
    @Override
    public byte[] read(String path) {
      String found = files.get(path);
      if (found == null) {
        throw missing(path);
      }
      return Base64.getDecoder().decode(found);
    }

    @Override
    public TrustStore store(String path) {
      if (!stores.has(path)) {
        throw missing(path);
      }
      Map<TrustStore.Name, List<X509Certificate>> all = new HashMap<>();
      for (Map.Entry<String, JsonNode> store : stores.path(path).properties()) {
        List<X509Certificate> certificates = new ArrayList<>();
        store.getValue().forEach(one -> certificates.add(certificate(one.asString(""))));
        all.put(TrustStore.Name.parse(store.getKey()), certificates);
      }
      return TrustStore.of(all);
    }

    private static X509Certificate certificate(String base64) {
      try {
        return (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
      } catch (CertificateException | IllegalArgumentException e) {
        throw new BullaException(
            ErrorCode.TRUST_STORE_INVALID, "a kept certificate cannot be read", e);
      }
    }

    private static BullaException missing(String path) {
      return new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "names '%s', which is not in the trust document".formatted(Shown.text(path)),
          "Bind the policy again with 'bulla registry bind'.");
    }
  }
}
