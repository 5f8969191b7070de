package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.error;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.Caller.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.access.Grant;
import dev.bulla.core.json.Json;
import dev.bulla.registry.ImageJudge.Judgement;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Azure's own interface, as its SDK calls it, and what attributes do to everybody else. */
class AzureTest {
  private static final String APP = "team/app";
  private static final String PLACE = "/acr/v1/team%2Fapp";

  @TempDir Path home;
  private TrialServer server;
  private Caller caller;

  @BeforeEach
  void start() {
    server = TrialServer.start(home);
    caller = new Caller(server.address());
  }

  @AfterEach
  void stop() {
    caller.close();
    server.close();
  }

  @Test
  void theTokenFlowGoesFromTheChallengeOverTheExchangeToAnAccessToken() {
    caller.putManifest(APP, "v1", caller.image(APP, 1));
    server.registry().projects().setOpen("team", false);
    String secret =
        server.robots().add("ci", List.of(Grant.parse("team/*=AcrPull")), new SecureRandom());

    HttpResponse<byte[]> asked = caller.call("GET", PLACE + "/_tags/v1");
    assertThat(asked.statusCode()).isEqualTo(401);
    assertThat(error(asked)).isEqualTo("UNAUTHORIZED");
    String host = server.address().getAuthority();
    assertThat(header(asked, "WWW-Authenticate"))
        .isEqualTo(
            "Bearer realm=\"http://%s/oauth2/token\",service=\"%s\",scope=\"repository:team/app:metadata_read\""
                .formatted(host, host));
    assertThat(header(caller.call("GET", "/acr/v1/_catalog"), "WWW-Authenticate"))
        .endsWith("scope=\"registry:catalog:*\"");

    String refresh = exchanged("ci:" + secret);
    String scope = "repository:team/app:metadata_read";
    String token = access("grant_type=refresh_token&refresh_token=" + refresh, scope);
    assertThat(caller.call("GET", PLACE, bearer(token)).statusCode()).isEqualTo(200);
    assertThat(caller.call("DELETE", PLACE, bearer(token)).statusCode()).isEqualTo(403);
    String catalog =
        access("grant_type=refresh_token&refresh_token=" + refresh, "registry:catalog:*");
    assertThat(names(caller.call("GET", "/acr/v1/_catalog", bearer(catalog)), "repositories"))
        .containsExactly(APP);
    assertThat(caller.call("GET", "/v2/team/app/manifests/v1", bearer(catalog)).statusCode())
        .as("a token for the catalog gives no content, but may be changed for one that does")
        .isEqualTo(401);

    String anonymous = access("grant_type=password&refresh_token=", "registry:catalog:*");
    assertThat(names(caller.call("GET", "/acr/v1/_catalog", bearer(anonymous)), "repositories"))
        .isEmpty();
    assertThat(
            form("/oauth2/exchange", "grant_type=access_token&access_token=" + token).statusCode())
        .as("what is good for minutes buys nothing for hours")
        .isEqualTo(401);
    assertThat(caller.call("GET", PLACE, bearer(refresh)).statusCode())
        .as("a refresh token opens nothing itself")
        .isEqualTo(401);
    assertThat(
            form("/oauth2/token", "grant_type=refresh_token&refresh_token=" + token).statusCode())
        .isEqualTo(401);
    server.robots().remove("ci");
    assertThat(
            form("/oauth2/token", "grant_type=refresh_token&refresh_token=" + refresh).statusCode())
        .as("a robot that was removed")
        .isEqualTo(401);
  }

  @Test
  void propertiesHaveTheShapeThatTheSdkReads() {
    ObjectNode image = caller.image(APP, 1);
    caller.putManifest(APP, "v1", image);
    caller.putManifest(APP, "v2", image);
    caller.putManifest(APP, "multi", Caller.index(image));
    JsonNode repository = get("");
    assertThat(repository.path("imageName").asString()).isEqualTo(APP);
    assertThat(repository.path("manifestCount").asInt()).isEqualTo(2);
    assertThat(repository.path("tagCount").asInt()).isEqualTo(3);
    assertThat(repository.path("changeableAttributes").properties()).hasSize(4);
    assertThat(java.time.Instant.parse(repository.path("lastUpdateTime").asString()))
        .isAfterOrEqualTo(java.time.Instant.parse(repository.path("createdTime").asString()));

    JsonNode manifest = get("/_manifests/" + digestOf(image)).path("manifest");
    assertThat(manifest.path("imageSize").asLong())
        .isEqualTo(
            Json.write(image).length
                + image.path("config").path("size").asLong()
                + image.path("layers").path(0).path("size").asLong());
    assertThat(texts(manifest.path("tags"))).containsExactly("v1", "v2");
    String index = digestOf(Caller.index(image)).toString();
    assertThat(get("/_manifests/" + index).path("manifest").path("references")).hasSize(1);
    assertThat(get("/_tags/v1").path("tag").path("changeableAttributes").path("signed").asBoolean())
        .isFalse();

    HttpResponse<byte[]> unknown = owner("GET", PLACE + "/_tags/none", "");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(error(unknown)).isEqualTo("TAG_UNKNOWN");
    assertThat(owner("GET", "/acr/v1/team%2Fnone", "").statusCode()).isEqualTo(404);
    assertThat(owner("DELETE", PLACE + "/_tags/v2", "").statusCode()).isEqualTo(202);
    HttpResponse<byte[]> gone = owner("DELETE", PLACE, "");
    assertThat(gone.statusCode()).isEqualTo(202);
    assertThat(names(gone, "tagsDeleted")).containsExactly("multi", "v1");
    assertThat(names(gone, "manifestsDeleted")).hasSize(2);
    assertThat(owner("GET", PLACE, "").statusCode()).isEqualTo(404);
    assertThat(names(owner("GET", "/acr/v1/_catalog", ""), "repositories")).isEmpty();
  }

  @Test
  void listsGoOnWhereThePageBeforeEndedAlsoWhenItsLastEntryIsGone() {
    ObjectNode image = caller.image(APP, 1);
    for (int i = 0; i < 5; i++) {
      caller.putManifest(APP, "t" + i, image);
    }
    for (String order : List.of("", "&orderby=timeasc", "&orderby=timedesc")) {
      List<String> seen = new ArrayList<>();
      String next = PLACE + "/_tags?n=2" + order;
      while (!next.isEmpty()) {
        HttpResponse<byte[]> page = owner("GET", next, "");
        json(page).path("tags").forEach(tag -> seen.add(tag.path("name").asString()));
        String link = header(page, "Link");
        next = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
        if (order.isEmpty() && seen.size() == 2) {
          owner("DELETE", PLACE + "/_tags/" + seen.getLast(), "");
        }
      }
      assertThat(seen).as(order).hasSize(order.isEmpty() ? 5 : 4).doesNotHaveDuplicates();
    }
    assertThat(owner("GET", PLACE + "/_tags?orderby=size", "").statusCode()).isEqualTo(400);
    assertThat(owner("GET", PLACE + "/_tags?n=many", "").statusCode()).isEqualTo(400);
  }

  @Test
  void attributesBindEverybody() {
    ObjectNode first = caller.image(APP, 1);
    ObjectNode second = caller.image(APP, 2);
    caller.putManifest(APP, "v1", first);
    String digest = digestOf(first).toString();

    assertThat(
            caller
                .call("PATCH", PLACE + "/_tags/v1", "{}".getBytes(StandardCharsets.UTF_8))
                .statusCode())
        .as("nobody locks without a name")
        .isEqualTo(401);
    assertThat(owner("PATCH", PLACE + "/_tags/v1", "{\"signed\":true}").statusCode())
        .isEqualTo(400);

    lock("/_tags/v1", "{\"writeEnabled\":false}");
    HttpResponse<byte[]> moved = caller.putManifest(APP, "v1", second);
    assertThat(moved.statusCode()).isEqualTo(409);
    assertThat(error(moved)).isEqualTo("DENIED");
    assertThat(
            caller
                .putManifest(
                    APP, digestOf(second) + "?tag=v1", Json.write(second), mediaType(second))
                .statusCode())
        .as("nor through a push by digest")
        .isEqualTo(409);
    assertThat(caller.putManifest(APP, "v1", first).statusCode()).as("the same").isEqualTo(201);
    assertThat(delete("v1")).isEqualTo(409);
    assertThat(delete(digest)).as("with its manifest").isEqualTo(409);
    assertThat(owner("DELETE", PLACE, "").statusCode()).as("with its repository").isEqualTo(409);
    String layer = first.path("layers").path(0).path("digest").asString();
    assertThat(caller.call("DELETE", "/v2/team/app/blobs/" + layer).statusCode()).isEqualTo(409);
    lock("/_tags/v1", "{\"writeEnabled\":true,\"deleteEnabled\":false}");
    assertThat(caller.putManifest(APP, "v1", second).statusCode()).isEqualTo(201);
    assertThat(caller.putManifest(APP, "v1", first).statusCode()).isEqualTo(201);
    assertThat(delete("v1")).isEqualTo(409);
    lock("/_tags/v1", "{\"deleteEnabled\":true,\"listEnabled\":false}");
    assertThat(names(caller.call("GET", "/v2/team/app/tags/list"), "tags")).isEmpty();

    lock("/_manifests/" + digest, "{\"readEnabled\":false}");
    assertThat(caller.call("GET", "/v2/team/app/manifests/v1").statusCode()).isEqualTo(404);
    assertThat(caller.call("GET", "/v2/team/app/manifests/" + digest).statusCode()).isEqualTo(404);
    assertThat(caller.call("GET", "/v2/team/app/blobs/" + layer).statusCode()).isEqualTo(404);
    lock("/_manifests/" + digest, "{\"readEnabled\":true}");
    assertThat(caller.call("GET", "/v2/team/app/blobs/" + layer).statusCode()).isEqualTo(200);

    lock("", "{\"writeEnabled\":false}");
    assertThat(caller.putManifest(APP, "v3", second).statusCode()).isEqualTo(409);
    assertThat(delete(digestOf(second).toString())).isEqualTo(409);
    lock("", "{\"writeEnabled\":true,\"listEnabled\":false}");
    assertThat(names(caller.call("GET", "/v2/_catalog"), "repositories")).isEmpty();
    Registry registry = server.registry();
    assertThat(registry.repositories("", 9, Projects.Seen.STORED).entries())
        .as("a preview of a binding looks at what is not listed too")
        .containsExactly(APP);
    assertThat(registry.listing().repositories("team/*", "", 1).entries()).hasSize(1);
    assertThat(delete(digest)).isEqualTo(202);
  }

  @Test
  void whatIsLockedKeepsItsPartsAndUpkeepHeedsIt() {
    ObjectNode image = caller.image(APP, 1);
    caller.putManifest(APP, digestOf(image).toString(), image);
    ObjectNode index = Caller.index(image);
    caller.putManifest(APP, digestOf(index).toString(), index);
    lock("/_manifests/" + digestOf(index), "{\"deleteEnabled\":false}");
    assertThat(delete(digestOf(image).toString())).isEqualTo(409);
    CollectionRules all =
        new CollectionRules(
            java.time.Duration.ZERO,
            java.time.Duration.ZERO,
            java.time.Duration.ZERO,
            java.time.Duration.ZERO,
            java.util.Optional.of(java.time.Duration.ZERO.minusSeconds(60)),
            false);
    assertThat(server.registry().upkeep().collect(all, Progress.UNHEARD).untagged()).isZero();
    lock("/_manifests/" + digestOf(index), "{\"deleteEnabled\":true}");
    assertThat(server.registry().upkeep().collect(all, Progress.UNHEARD).untagged()).isEqualTo(2);
  }

  @Test
  void immutableTagsAndHoldsCannotBeGoneAround() {
    ContentLocks locks = server.registry().locks();
    ObjectNode first = caller.image(APP, 1);
    ObjectNode second = caller.image(APP, 2);
    locks.makeImmutable(ImmutableRule.parse("team/*:v*", "owner", java.time.Instant.now()));
    assertThat(caller.putManifest(APP, "v1", first).statusCode()).isEqualTo(201);
    assertThat(caller.putManifest(APP, "v1", second).statusCode()).isEqualTo(409);
    assertThat(caller.putManifest(APP, "latest", first).statusCode()).isEqualTo(201);
    assertThat(caller.putManifest(APP, "latest", second).statusCode()).isEqualTo(201);
    assertThat(delete("v1")).isEqualTo(409);
    assertThat(delete(digestOf(first).toString())).isEqualTo(409);
    assertThat(delete("latest")).isEqualTo(202);
    locks.removeImmutable(locks.immutable().getFirst(), "owner");

    ObjectNode evidence = caller.artifact(APP, "application/vnd.cyclonedx+json");
    evidence.set("subject", Caller.descriptor(first));
    caller.putManifest(APP, digestOf(evidence).toString(), evidence);
    LegalHold hold = locks.hold(APP, digestOf(first), "case 17", "anna");
    for (ObjectNode kept : List.of(first, evidence)) {
      assertThat(delete(digestOf(kept).toString())).isEqualTo(409);
    }
    assertThat(delete("v1")).isEqualTo(409);
    assertThat(caller.putManifest(APP, "v1", second).statusCode())
        .as("its tag is not taken away")
        .isEqualTo(409);
    HttpResponse<byte[]> refused = owner("DELETE", PLACE, "");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("case 17");
    assertThat(caller.call("GET", "/v2/team/app/manifests/" + digestOf(second)).statusCode())
        .as("of a refused deletion nothing is done")
        .isEqualTo(200);
    assertThat(locks.release(hold.id(), "berta").releasedBy()).isEqualTo("berta");
    assertThat(locks.holds(false)).isEmpty();
    assertThat(locks.holds(true)).singleElement().extracting(LegalHold::setBy).isEqualTo("anna");
    assertThat(owner("DELETE", PLACE, "").statusCode()).isEqualTo(202);
  }

  @Test
  void signedMeansVerifiedAndQuarantineSaysWhy() {
    caller.putManifest(APP, "v1", caller.image(APP, 1));
    boolean[] accept = {false};
    server
        .registry()
        .trust()
        .judgeBy((binding, repository, subject, tag) ->
            new Judgement(
                accept[0],
                List.of(),
                accept[0] ? List.of(subject.digest().toString()) : List.of(),
                accept[0] ? "" : "not signed",
                false));
    server
        .registry()
        .trust()
        .bind(
            new Binding(
                "team/*",
                Binding.Mode.ENFORCE,
                Binding.UnsignedPush.PEND,
                false,
                "localhost",
                "x".getBytes(StandardCharsets.UTF_8)));
    String digest = get("/_tags/v1").path("tag").path("digest").asString();
    assertThat(get("/_tags/v1").path("tag").path("signed").asBoolean()).isFalse();
    JsonNode attributes =
        get("/_manifests/" + digest).path("manifest").path("changeableAttributes");
    assertThat(attributes.path("quarantineState").asString()).isEqualTo("Quarantined");
    assertThat(attributes.path("quarantineDetails").asString()).contains("not signed");
    String anonymous = access("grant_type=password", "repository:team/app:metadata_read");
    assertThat(caller.call("GET", PLACE + "/_tags/v1", bearer(anonymous)).statusCode())
        .as("readers are not told of it")
        .isEqualTo(404);
    accept[0] = true;
    server.registry().trust().bind(server.registry().trust().bindings().getFirst());
    assertThat(get("/_tags/v1").path("tag").path("signed").asBoolean()).isTrue();
    assertThat(caller.call("GET", PLACE + "/_tags/v1", bearer(anonymous)).statusCode())
        .isEqualTo(200);
  }

  private String exchanged(String credential) {
    HttpResponse<byte[]> answer =
        form(
            "/oauth2/exchange",
            "grant_type=access_token&service=x&access_token="
                + URLEncoder.encode(credential, StandardCharsets.UTF_8));
    assertThat(answer.statusCode()).isEqualTo(200);
    return json(answer).path("refresh_token").asString();
  }

  private String access(String form, String scope) {
    HttpResponse<byte[]> answer =
        form(
            "/oauth2/token",
            form + "&service=x&scope=" + URLEncoder.encode(scope, StandardCharsets.UTF_8));
    assertThat(answer.statusCode()).isEqualTo(200);
    return json(answer).path("access_token").asString();
  }

  private HttpResponse<byte[]> form(String path, String form) {
    return caller.call(
        "POST",
        path,
        form.getBytes(StandardCharsets.UTF_8),
        "Content-Type",
        "application/x-www-form-urlencoded");
  }

  private HttpResponse<byte[]> owner(String method, String path, String body) {
    return caller.call(
        method,
        path,
        body.getBytes(StandardCharsets.UTF_8),
        "Authorization",
        "Bearer " + server.token().reveal());
  }

  private JsonNode get(String tail) {
    return json(owner("GET", PLACE + tail, ""));
  }

  private void lock(String tail, String attributes) {
    assertThat(owner("PATCH", PLACE + tail, attributes).statusCode()).isEqualTo(200);
  }

  private int delete(String reference) {
    return caller.call("DELETE", "/v2/team/app/manifests/" + reference).statusCode();
  }

  private static String mediaType(ObjectNode manifest) {
    return manifest.path("mediaType").asString();
  }

  private static String[] bearer(String token) {
    return new String[] {"Authorization", "Bearer " + token};
  }

  private static List<String> names(HttpResponse<byte[]> answer, String member) {
    return texts(json(answer).path(member));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(one -> texts.add(one.asString()));
    return texts;
  }
}
